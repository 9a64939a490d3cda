import type { StageSettings } from "@cloud-design/stage/settings";

/** By the row of the table of stages that causes them; `name` stands for the stage's own name, and `bill` for what is computed from its bill. */
export type Explanations = Partial<Record<keyof StageSettings | "name" | "bill", [RegExp, ...RegExp[]]>>;

/**
 * The differences between `hardened` and `standard` that follow from each row, as lines of type, name and property. `server` stands for the server
 * and the proxy under any name, one for each service or one for both.
 */
export const STANDARD_DIFFERENCES: Explanations = {
  name: [
    // The documents on the site name the stage's own token address.
    /^Custom::CDKBucketDeployment Site\/Deploy(Assets|Pages|Requests)\/\S+ properties SourceObjectKeys \d$/,
    // CDK hashes the stage's name into the tag of a bucket's deployment, and cuts off names that are too long.
    /^AWS::S3::Bucket Site\/Pages properties Tags .*aws-cdk:cr-owned/,
  ],
  zones: [/Subnet3\//, /^AWS::EC2::Subnet Network\/Vpc\/isolatedSubnet\d\/Subnet properties CidrBlock$/],
  natGateways: [
    /^AWS::EC2::(EIP|NatGateway) Network\/Vpc\/publicSubnet2\/\w+$/,
    /^AWS::EC2::Route Network\/Vpc\/privateSubnet2\/DefaultRoute properties NatGatewayId$/,
  ],
  flowLogTraffic: [/^AWS::EC2::FlowLog \S+ properties TrafficType$/],
  databaseServers: [
    /^AWS::RDS::DBInstance \S+ properties VPCSecurityGroups "<Network\/\w+DatabaseGroup.GroupId>"$/,
    /^AWS::RDS::DBProxy \S+ properties VpcSecurityGroupIds "<Network\/\w+ProxyGroup.GroupId>"$/,
    /^AWS::RDS::DBProxy \S+ properties Auth .*"<Databases\/\w+Credentials>"\}$/,
    /^AWS::IAM::Policy Databases\/server-proxy\/\S+ properties PolicyDocument Statement .*"<Databases\/\w+Credentials>"\}$/,
    /^AWS::IAM::Policy Databases\/server-proxy\/\S+ properties PolicyName$/,
    // One administrator, or one for each server.
    /^AWS::IAM::Policy Databases\/MigrateRole\/DefaultPolicy properties PolicyDocument Statement$/,
    /^Custom::Trigger Databases\/MigrateOnDeploy\/\S+ dependsOn$/,
    /^AWS::RDS::DBSubnetGroup \S+ properties DBSubnetGroupDescription$/,
    /^AWS::CloudWatch::Alarm Alarms\/Alarm-billing-database-\w+$/,
    /^AWS::Events::Rule Alarms\/billing-storage-events$/,
    /^AWS::Lambda::Function Sleep\/Sleeper properties Environment Variables SERVERS$/,
    /^AWS::IAM::Policy Sleep\/SleeperRole\/DefaultPolicy properties PolicyDocument Statement \d+ Resource$/,
    /^AWS::CloudWatch::Dashboard \S+ properties DashboardBody$/,
  ],
  databaseInstance: [/^AWS::RDS::DBInstance \S+ properties DBInstanceClass$/],
  databaseStorageGbMax: [/^AWS::RDS::DBInstance \S+ properties MaxAllocatedStorage$/],
  databaseConnectionsMax: [/^AWS::RDS::DBParameterGroup \S+ properties Parameters max_connections$/],
  isDatabaseMultiAz: [/^AWS::RDS::DBInstance \S+ properties MultiAZ$/],
  backupDays: [/^AWS::RDS::DBInstance \S+ properties BackupRetentionPeriod$/],
  copyDays: [
    /^AWS::RDS::DBInstance \S+ properties AutomaticBackupReplication(KmsKeyId|Region|RetentionPeriod)$/,
    /^AWS::SecretsManager::Secret (Gateway\/OrderIdSecret|Webhooks\/Secret) properties ReplicaRegions$/,
  ],
  brokerInstance: [/^AWS::AmazonMQ::Broker \S+ properties HostInstanceType$/],
  brokerMode: [
    /^AWS::AmazonMQ::Broker \S+ properties DeploymentMode$/,
    /^AWS::AmazonMQ::Broker \S+ properties SubnetIds /,
  ],
  inventoryTasks: [
    /^AWS::ApplicationAutoScaling::ScalableTarget Inventory\/\S+ properties (Min|Max)Capacity$/,
  ],
  billingTasks: [
    /^AWS::ApplicationAutoScaling::ScalableTarget Billing\/\S+ properties (Min|Max)Capacity$/,
    /^AWS::CloudWatch::Alarm Alarms\/Alarm-billing-backlog properties Threshold$/,
  ],
  isBillingOnSpot: [
    /^AWS::ECS::Service Billing\/\S+ properties CapacityProviderStrategy 0 CapacityProvider$/,
  ],
  orderGatewayConcurrency: [
    /^AWS::Lambda::Function Gateway\/OrderGateway properties ReservedConcurrentExecutions$/,
    // These take fewer places where orders have no reservation.
    /^AWS::Lambda::EventSourceMapping (Orders\/OrderBridge|Webhooks\/WebhookDelivery)\/\S+ properties ScalingConfig MaximumConcurrency$/,
  ],
  gatewayConcurrency: [/^AWS::Lambda::Function Gateway\/Gateway properties ReservedConcurrentExecutions$/],
  gatewayRollout: [
    /^AWS::CodeDeploy::DeploymentGroup Gateway\/(Order)?Rollout properties DeploymentConfigName$/,
  ],
  keepsData: [
    / (deletionPolicy|updateReplacePolicy)$/,
    /^AWS::RDS::DBInstance \S+ properties (DeletionProtection|DeleteAutomatedBackups)$/,
    /^AWS::Cognito::UserPool \S+ properties DeletionProtection$/,
    /^AWS::ElasticLoadBalancingV2::LoadBalancer \S+ properties LoadBalancerAttributes 0 Value$/,
    // Empties a bucket before its deletion.
    /S3AutoDeleteObjects/,
    /^AWS::S3::Bucket \S+ properties Tags .*aws-cdk:auto-delete-objects/,
    / dependsOn "(Site|Cluster)\/Logs\/AutoDeleteObjectsCustomResource\/Default"$/,
    /^AWS::Logs::LogGroup (Cluster|Imports)\/HelperLogs$/,
  ],
  logRetentionDays: [
    / properties RetentionInDays$/,
    /^Custom::AWS Broker\/LogRetention\/\S+ properties (Create|Update)$/,
    / properties LifecycleConfiguration Rules 0 ExpirationInDays$/,
  ],
  logLevel: [
    /^AWS::Lambda::Function \S+ properties Environment Variables LOG_LEVEL$/,
    /^AWS::ECS::TaskDefinition \S+ properties ContainerDefinitions 0 Environment \d+ Value$/,
  ],
  traceShare: [/^AWS::Lambda::Function \S+ properties Environment Variables OTEL_TRACES_SAMPLER_ARG$/],
  dashboards: [/^AWS::CloudWatch::Dashboard Dashboards\/(gateway|inventory|billing|cost)$/],
  corsOrigins: [
    /^AWS::ApiGatewayV2::Api \S+ properties CorsConfiguration$/,
    /^AWS::Cognito::UserPoolClient Identity\/UserPool\/Web properties (Callback|Logout)URLs "http:\/\/localhost:3000\/"$/,
  ],
  tunnelHosts: [
    /^AWS::CloudFormation::CustomResource Cluster\/BalancerCertificate\/Default properties names "localhost"$/,
    /^AWS::Events::Rule Cluster\/EveryWeek properties Targets 0 Input$/,
  ],
  tunnelHours: [
    /^AWS::\S+ Tunnel\//,
    /^AWS::EC2::SecurityGroup Network\/tunnelGroup$/,
    /^AWS::EC2::SecurityGroupIngress Network\/\w+Group\/from \w+tunnelGroup:\d+$/,
    /^AWS::EC2::SecurityGroupEgress Network\/tunnelGroup\/to /,
  ],
  hasAnomalyMonitor: [
    /^AWS::CE::Anomaly(Monitor|Subscription) Alerts\//,
    // Its service may publish to the topic, and use the topic's key for that.
    /^AWS::SNS::TopicPolicy Alerts\/Topic\/\S+ properties PolicyDocument Statement .*costalerts/,
    /^AWS::KMS::Key Alerts\/Key properties KeyPolicy Statement .*costalerts/,
  ],
  bill: [/^AWS::Budgets::Budget \S+ properties Budget BudgetLimit Amount$/],
};

/** The differences that a proxy makes, also when `WITH` adds it to a stage. */
export const PROXY_DIFFERENCES: [RegExp, ...RegExp[]] = [
  /^AWS::(RDS::DBProxy|RDS::DBProxyTargetGroup|IAM::Role|IAM::Policy|Logs::LogGroup) Databases\/server-proxy/,
  /^AWS::EC2::SecurityGroup Network\/(inventory|billing)ProxyGroup properties SecurityGroupEgress$/,
  /^AWS::EC2::SecurityGroupEgress Network\/\w+Group\/to \w+(Proxy|Database)Group:5432$/,
  /^AWS::EC2::SecurityGroupIngress Network\/(inventory|billing)(Proxy|Database)Group\/from /,
  /^AWS::ECS::TaskDefinition (Inventory|Billing)\/Task properties ContainerDefinitions 0 Environment (.*"DATABASE_URL"|\d+ Value$)/,
  /^AWS::ECS::TaskDefinition Tunnel\/Task properties ContainerDefinitions 0 DockerLabels (movies|orders)$/,
  /^AWS::Lambda::Function Imports\/ImportLoader properties Environment Variables DATABASE_URL$/,
  /^AWS::CloudWatch::Dashboard \S+ properties DashboardBody$/,
  /^AWS::Budgets::Budget Alerts\/Budget properties Budget BudgetLimit Amount$/,
];

/** Those between `standard` and `learner`. */
export const LEARNER_DIFFERENCES: Explanations = {
  name: [
    /^Custom::CDKBucketDeployment Site\/Deploy(Assets|Pages|Requests)\/\S+ properties SourceObjectKeys \d$/,
    // The tag whose name CDK cuts off sorts elsewhere.
    /^AWS::S3::Bucket Site\/Pages properties Tags \d Key$/,
  ],
  nat: [
    /^AWS::EC2::(EIP|NatGateway) Network\/Vpc\/publicSubnet1\/\w+$/,
    /^AWS::EC2::Route Network\/Vpc\/privateSubnet\d\/DefaultRoute properties (NatGatewayId|InstanceId)$/,
    /^AWS::(EC2::Instance|IAM::InstanceProfile|IAM::Role) Network\/Vpc\/publicSubnet1\/NatInstance/,
    /^AWS::EC2::SecurityGroup Network\/Vpc\/NatSecurityGroup$/,
    // The sleeper stops and starts an instance.
    /^AWS::IAM::Policy Sleep\/SleeperRole\/DefaultPolicy properties PolicyDocument Statement .*("ec2:|"cloudwatch:DescribeAlarms")/,
    /^AWS::Lambda::Function Sleep\/Sleeper properties Environment Variables NAT_TAG$/,
  ],
  hasProxy: PROXY_DIFFERENCES,
  // The broker's alarms read metrics of Amazon MQ.
  brokerInstance: [
    /^AWS::CloudWatch::Alarm Alarms\/Alarm-broker-\w+$/,
    // Amazon MQ with the retention of its log, or a service with a certificate, a name and files.
    /^(AWS|Custom)::\S+ Broker\//,
    /^AWS::EC2::SecurityGroup\w* Network\/broker(Files)?Group/,
    /^AWS::SecretsManager::Secret Cluster\/BrokerCertificate$/,
    /^AWS::IAM::Policy Cluster\/CertificateRole\/DefaultPolicy properties .*"<Cluster\/BrokerCertificate>"$/,
    /^AWS::CloudFormation::CustomResource Cluster\/BalancerCertificate\/Default properties broker$/,
    /^AWS::Events::Rule Cluster\/EveryWeek properties Targets 0 Input$/,
    /^AWS::Lambda::Function \S+ properties Environment Variables AMQP_(URL|AUTHORITY)$/,
    // One setting more is between the others.
    /^AWS::ECS::TaskDefinition (Inventory|Billing)\/Task properties ContainerDefinitions 0 Environment \d+ Name$/,
    /^AWS::ECS::TaskDefinition Tunnel\/Task properties ContainerDefinitions 0 DockerLabels broker$/,
    /^AWS::IAM::Policy Sleep\/SleeperRole\/DefaultPolicy properties PolicyDocument Statement .*"ecs:/,
    /^AWS::Lambda::Function Sleep\/Sleeper properties Environment Variables SERVICES$/,
  ],
  inventoryTasks: [
    /^AWS::ApplicationAutoScaling::ScalableTarget Inventory\/\S+ properties MinCapacity$/,
    // A fixed number of tasks needs no policy.
    /^AWS::ApplicationAutoScaling::ScalingPolicy Inventory\//,
    /^AWS::CloudWatch::Alarm Inventory\/\S+\/Rush\/UpperAlarm$/,
  ],
  billingTasks: [
    /^AWS::ApplicationAutoScaling::ScalableTarget Billing\/\S+ properties MinCapacity$/,
    /^AWS::ApplicationAutoScaling::ScalingPolicy Billing\/Backlog$/,
  ],
  isInventoryOnSpot: [
    /^AWS::ECS::Service Inventory\/\S+ properties CapacityProviderStrategy 0 CapacityProvider$/,
  ],
  bill: [/^AWS::Budgets::Budget \S+ properties Budget BudgetLimit Amount$/],
  hasFirewall: [
    /^AWS::(WAFv2::WebACL|WAFv2::LoggingConfiguration|Logs::LogGroup) Firewall\//,
    /^AWS::CloudFront::Distribution \S+ properties DistributionConfig WebACLId$/,
  ],
  hasContainerInsights: [/^AWS::ECS::Cluster \S+ properties ClusterSettings 0 Value$/],
  hasOwnMetrics: [
    /^AWS::Lambda::Function \S+ properties Environment Variables METRICS_NAMESPACE$/,
    /^AWS::Logs::MetricFilter /,
    /^AWS::CloudWatch::(Composite)?Alarm Slos\//,
  ],
  alarms: [
    /^AWS::CloudWatch::Alarm (Alarms|Gateway|Inventory|Billing)\/Alarm-/,
    /^AWS::ECS::Service \S+ properties DeploymentConfiguration Alarms AlarmNames /,
    /^AWS::CodeDeploy::DeploymentGroup Gateway\/OrderRollout properties A(larm|utoRollback)Configuration/,
  ],
  hasOwnKeys: [
    /^AWS::KMS::Key (Alerts|Databases)\/Key$/,
    /^AWS::RDS::DBInstance \S+ properties (KmsKeyId|PerformanceInsightsKMSKeyId)$/,
    /^AWS::SNS::Topic \S+ properties KmsMasterKeyId$/,
  ],
  probeMinutes: [
    /^AWS::Events::Rule Status\/EveryMinute properties (ScheduleExpression|Targets 0 RetryPolicy MaximumEventAgeInSeconds)$/,
    /^AWS::Lambda::EventInvokeConfig Status\/\S+ properties MaximumEventAgeInSeconds$/,
    /^AWS::Lambda::Function Status\/StatusProbe properties Environment Variables INTERVAL_SECONDS$/,
  ],
};
