import { balancers } from "./balancers.ts";
import { broker } from "./broker.ts";
import { buckets } from "./buckets.ts";
import { certificates } from "./certificates.ts";
import { backups, copies, databases } from "./databases.ts";
import { distributions } from "./distributions.ts";
import type { Look } from "./found.ts";
import { functions } from "./functions.ts";
import { keys } from "./keys.ts";
import { logs } from "./logs.ts";
import { network } from "./network.ts";
import { others } from "./others.ts";
import { parameters } from "./parameters.ts";
import { queues } from "./queues.ts";
import { secrets } from "./secrets.ts";
import { services } from "./services.ts";
import { users } from "./users.ts";

/** In the order of removal: resources in the network before the network, snapshots before the key that reads them. */
const OWN: readonly Look[] = [
  distributions,
  services,
  balancers,
  certificates,
  functions,
  broker,
  databases,
  backups,
  copies,
  network,
  queues,
  users,
  secrets,
  parameters,
  buckets,
  logs,
  keys,
];
/** Not bound to one service: stacks are asked for first, and their tags add nothing. */
const ASKED_FIRST = ["cloudformation"];

export const LOOKS: readonly Look[] = [
  ...OWN,
  others([...OWN.flatMap(({ namespaces }) => namespaces), ...ASKED_FIRST]),
];

/** Types that cannot outlive their stack or their parent, with the reason. A test compares both tables with the templates. */
export const GOES: Readonly<Record<string, string>> = {
  "AWS::ApiGatewayV2::Authorizer": "a part of its API",
  "AWS::ApiGatewayV2::Integration": "a part of its API",
  "AWS::ApiGatewayV2::Route": "a part of its API",
  "AWS::ApiGatewayV2::Stage": "a part of its API",
  "AWS::ApplicationAutoScaling::ScalableTarget": "free, and a part of its service",
  "AWS::ApplicationAutoScaling::ScalingPolicy": "free, and a part of its service",
  "AWS::Budgets::Budget": "free without actions",
  "AWS::CE::AnomalyMonitor": "free",
  "AWS::CE::AnomalySubscription": "free",
  "AWS::CloudFront::Function": "free unless a distribution calls it",
  "AWS::CloudFront::OriginAccessControl": "free, and a setting of distributions",
  "AWS::CloudFront::ResponseHeadersPolicy": "free, and a setting of distributions",
  "AWS::CodeDeploy::DeploymentGroup": "a part of its application",
  "AWS::Cognito::ManagedLoginBranding": "a part of its user pool",
  "AWS::Cognito::UserPoolClient": "a part of its user pool",
  "AWS::Cognito::UserPoolDomain": "a part of its user pool",
  "AWS::Cognito::UserPoolGroup": "a part of its user pool",
  "AWS::Cognito::UserPoolResourceServer": "a part of its user pool",
  "AWS::EC2::FlowLog": "a part of its network",
  "AWS::EC2::InternetGateway": "free, and keeps its network from going",
  "AWS::EC2::Route": "a part of its network",
  "AWS::EC2::RouteTable": "free, and keeps its network from going",
  "AWS::EC2::SecurityGroup": "free, and keeps its network from going",
  "AWS::EC2::SecurityGroupEgress": "a part of its group",
  "AWS::EC2::SecurityGroupIngress": "a part of its group",
  "AWS::EC2::Subnet": "free, and keeps its network from going",
  "AWS::EC2::SubnetRouteTableAssociation": "a part of its network",
  "AWS::EC2::VPCEndpoint": "free, because it is a gateway's",
  "AWS::EC2::VPCGatewayAttachment": "a part of its network",
  "AWS::ECS::ClusterCapacityProviderAssociations": "a part of its cluster",
  "AWS::ECS::TaskDefinition": "free; ECS keeps it as inactive",
  "AWS::EFS::AccessPoint": "a part of its file system",
  "AWS::EFS::MountTarget": "free, and keeps its file system from going",
  "AWS::ElasticLoadBalancingV2::Listener": "a part of its balancer",
  "AWS::ElasticLoadBalancingV2::TargetGroup": "free without a balancer",
  "AWS::IAM::InstanceProfile": "free",
  "AWS::IAM::Policy": "a part of its role",
  "AWS::Lambda::Alias": "a part of its function",
  "AWS::Lambda::EventInvokeConfig": "a part of its function",
  "AWS::Lambda::EventSourceMapping": "free, and does nothing without its function",
  "AWS::Lambda::LayerVersion": "free",
  "AWS::Lambda::Permission": "a part of its function",
  "AWS::Lambda::Version": "a part of its function",
  "AWS::Logs::MetricFilter": "a part of its log group",
  "AWS::Logs::QueryDefinition": "free",
  "AWS::RDS::DBParameterGroup": "free",
  "AWS::RDS::DBProxyTargetGroup": "a part of its proxy",
  "AWS::RDS::DBSubnetGroup": "free",
  "AWS::S3::BucketPolicy": "a part of its bucket",
  "AWS::SNS::TopicPolicy": "a part of its topic",
  "AWS::SQS::QueuePolicy": "a part of its queue",
  "AWS::SecretsManager::SecretTargetAttachment": "a part of its secret",
  "AWS::ServiceDiscovery::Service": "free, and keeps its namespace from going",
  "AWS::WAFv2::LoggingConfiguration": "a part of its web ACL",
  "Custom::AWS": "it created the broker's log group",
  "Custom::CDKBucketDeployment": "it wrote into a bucket",
  "Custom::S3AutoDeleteObjects": "makes nothing",
  "Custom::Trigger": "makes nothing",
  "Custom::VpcRestrictDefaultSG": "makes nothing",
};
