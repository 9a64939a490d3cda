import { MqClient, RebootBrokerCommand } from "@aws-sdk/client-mq";
import { DescribeDBInstancesCommand, RDSClient, RebootDBInstanceCommand } from "@aws-sdk/client-rds";
import { clientSettings } from "./aws-access.ts";
import { BROKER, type ServiceName } from "./parts.ts";
import { resourcesOf, type StageAccess, serverOf } from "./resources.ts";

/** Has RabbitMQ rebooted, in prod one node after the other. Resolves once it begins. */
export async function rebootBroker(stage: StageAccess): Promise<void> {
  const BrokerId = await resourcesOf(stage).physicalId(BROKER);
  await new MqClient(clientSettings(stage)).send(new RebootBrokerCommand({ BrokerId }));
}

/** Has a database's server rebooted, which outside prod is the other service's too; a standby takes over. Resolves once it begins. */
export async function rebootDatabase(stage: StageAccess, noun: ServiceName): Promise<void> {
  const client = new RDSClient(clientSettings(stage));
  const DBInstanceIdentifier = await serverOf(stage, resourcesOf(stage), noun);
  const { DBInstances: [server] = [] } = await client.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier }),
  );
  const ForceFailover = server?.MultiAZ === true;
  await client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier, ForceFailover }));
}
