import { Fn } from "aws-cdk-lib";
import { CfnBroker } from "aws-cdk-lib/aws-amazonmq";
import { LogRetention } from "aws-cdk-lib/aws-logs";
import { type StackContext, use } from "sst/constructs";
import { Network } from "./network.ts";
import { BROKER_VERSION } from "./shared/broker-version.ts";
import { credentialsOf } from "./shared/credentials.ts";
import { nameOf } from "./shared/names.ts";
import { settingsOf } from "./stages.ts";

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
  // The broker makes its log group itself, under a name with its id in it.
  new LogRetention(stack, "Logs", {
    logGroupName: `/aws/amazonmq/broker/${broker.ref}/general`,
    retention: settings.logRetentionDays,
  });
  return { name, url: Fn.select(0, broker.attrAmqpEndpoints), credentials };
}
