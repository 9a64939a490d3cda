import type { BrokerEnvironment } from "@cloud-design/core/broker/settings";
import { BROKER_VERSION } from "@cloud-design/stage/broker-version";
import { nameOf } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import { Fn } from "aws-cdk-lib";
import { CfnBroker } from "aws-cdk-lib/aws-amazonmq";
import type { FargateService } from "aws-cdk-lib/aws-ecs";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from "aws-cdk-lib/custom-resources";
import { type Stack, type StackContext, use } from "sst/constructs";
import { createBrokerContainer } from "./constructs/broker-container.ts";
import { credentialsOf } from "./constructs/credentials.ts";
import { Network } from "./network.ts";

interface BrokerParts {
  /** The name of Amazon MQ's broker in its metrics. */
  name?: string;
  /** The service of a broker in a container. */
  service?: FargateService;
  url: string;
  credentials: Secret;
  /** The settings of its clients. */
  environment(client: Stack): BrokerEnvironment;
}

/**
 * RabbitMQ, reachable only from inside the network: on Amazon MQ with three nodes in prod, where it costs more than all the other parts together;
 * in a container of our own in a learner's stage. By default the version with quorum queues; 3.13 runs the same topology where a stage requires it.
 */
export function Broker({ stack, app }: StackContext): BrokerParts {
  const settings = stageSettings(app.stage);
  const credentials = credentialsOf(stack, "Credentials", "cloud-design");
  const { authority, ...broker } =
    settings.brokerInstance === "container"
      ? createBrokerContainer(stack, credentials)
      : { ...createAmazonMq(stack, credentials), authority: undefined };
  const environment = (client: Stack) => ({
    AMQP_URL: broker.url,
    AMQP_SECRET_ARN: credentials.secretArn,
    ...(authority && { AMQP_AUTHORITY: authority(client) }),
  });
  return { ...broker, credentials, environment };
}

function createAmazonMq(stack: Stack, credentials: Secret) {
  const { vpc, groups } = use(Network);
  const settings = stageSettings(stack.stage);
  const name = nameOf(stack, "broker");
  const isCluster = settings.brokerMode === "CLUSTER_MULTI_AZ";
  const subnetIds = vpc.isolatedSubnets.map(({ subnetId }) => subnetId);
  const broker = new CfnBroker(stack, "Broker", {
    brokerName: name,
    engineType: "RABBITMQ",
    engineVersion: BROKER_VERSION,
    hostInstanceType: settings.brokerInstance,
    deploymentMode: settings.brokerMode,
    publiclyAccessible: false,
    subnetIds: isCluster ? subnetIds : subnetIds.slice(0, 1),
    securityGroups: [groups.broker.securityGroupId],
    // Amazon MQ takes exactly one administrator at creation, and cannot change it later.
    users: [
      {
        username: credentials.secretValueFromJson("username").unsafeUnwrap(),
        password: credentials.secretValueFromJson("password").unsafeUnwrap(),
      },
    ],
    // Amazon MQ requires this for RabbitMQ 3.13 and later.
    autoMinorVersionUpgrade: true,
    // A day after the maintenance window of the databases, so that both are never away at once.
    maintenanceWindowStartTime: { dayOfWeek: "WEDNESDAY", timeOfDay: "09:00", timeZone: "UTC" },
    logs: { general: true },
  });
  limitLogs(stack, `/aws/amazonmq/broker/${broker.ref}/general`, settings.logRetentionDays);
  return { name, url: Fn.select(0, broker.attrAmqpEndpoints) };
}

/**
 * Sets the retention of the broker's log group. Amazon MQ creates that group itself, with the broker's id in its name. CDK's LogRetention is not
 * used here, because its helper leaves a log group of its own behind when the stage is removed.
 */
function limitLogs(stack: Stack, logGroupName: string, retentionInDays: number): void {
  const policy = AwsCustomResourcePolicy.fromStatements([
    new PolicyStatement({
      actions: ["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
      resources: [`arn:aws:logs:${stack.region}:${stack.account}:log-group:${logGroupName}:*`],
    }),
  ]);
  const call = (id: string, action: string, parameters: object, ignoreErrorCodesMatching?: string) =>
    new AwsCustomResource(stack, id, {
      policy,
      installLatestAwsSdk: false, // both calls are in the SDK of Lambda's runtime
      onUpdate: {
        service: "CloudWatchLogs",
        action,
        parameters: { logGroupName, ...parameters },
        physicalResourceId: PhysicalResourceId.of(`${logGroupName}/${action}`),
        ...(ignoreErrorCodesMatching && { ignoreErrorCodesMatching }),
      },
    });
  // RabbitMQ may not have written a line yet, so the group may be missing.
  const group = call("LogGroup", "createLogGroup", {}, "ResourceAlreadyExistsException");
  call("LogRetention", "putRetentionPolicy", { retentionInDays }).node.addDependency(group);
}
