import { BROKER_VERSION } from "@cloud-design/stage/broker-version";
import { nameOf } from "@cloud-design/stage/names";
import { settingsOf } from "@cloud-design/stage/settings";
import { Fn } from "aws-cdk-lib";
import { CfnBroker } from "aws-cdk-lib/aws-amazonmq";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from "aws-cdk-lib/custom-resources";
import { type Stack, type StackContext, use } from "sst/constructs";
import { credentialsOf } from "./constructs/credentials.ts";
import { Network } from "./network.ts";

/**
 * RabbitMQ, where the network alone can reach it. Costs more than everything else together: three nodes in prod. The version with
 * quorum queues by default; 3.13 runs the same topology for those who must.
 */
export function Broker({ stack, app }: StackContext) {
  const { vpc, groups } = use(Network);
  const settings = settingsOf(app.stage);
  const credentials = credentialsOf(stack, "Credentials", "cloud-design");
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
    // One administrator is all that Amazon MQ takes at creation, and it never changes it again.
    users: [
      {
        username: credentials.secretValueFromJson("username").unsafeUnwrap(),
        password: credentials.secretValueFromJson("password").unsafeUnwrap(),
      },
    ],
    // Amazon MQ refuses anything else for RabbitMQ 3.13 and later.
    autoMinorVersionUpgrade: true,
    // A day after the databases', so that not both are away at once.
    maintenanceWindowStartTime: { dayOfWeek: "WEDNESDAY", timeOfDay: "09:00", timeZone: "UTC" },
    logs: { general: true },
  });
  limitLogs(stack, `/aws/amazonmq/broker/${broker.ref}/general`, settings.logRetentionDays);
  return { name, url: Fn.select(0, broker.attrAmqpEndpoints), credentials };
}

/**
 * The broker makes its log group itself, under a name with its id in it. Not by CDK's LogRetention, whose helper leaves a log group of its own
 * behind when the stage is removed.
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
      installLatestAwsSdk: false, // Lambda's own knows both calls
      onUpdate: {
        service: "CloudWatchLogs",
        action,
        parameters: { logGroupName, ...parameters },
        physicalResourceId: PhysicalResourceId.of(`${logGroupName}/${action}`),
        ...(ignoreErrorCodesMatching && { ignoreErrorCodesMatching }),
      },
    });
  // RabbitMQ may not have written a line yet.
  const group = call("LogGroup", "createLogGroup", {}, "ResourceAlreadyExistsException");
  call("LogRetention", "putRetentionPolicy", { retentionInDays }).node.addDependency(group);
}
