import { ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { MqClient, RebootBrokerCommand } from "@aws-sdk/client-mq";
import { DescribeDBInstancesCommand, RDSClient, RebootDBInstanceCommand } from "@aws-sdk/client-rds";
import { clientSettings } from "./aws-access.ts";
import { BROKER, type ServiceName } from "./parts.ts";
import { brokerServiceOf, resourcesOf, type StageAccess, serverOf } from "./resources.ts";
import { serviceOf } from "./service-rollout.ts";

/** Reboots RabbitMQ, in prod one node after the other; a container is replaced by another one. Resolves when the reboot begins. */
export async function rebootBroker(stage: StageAccess): Promise<void> {
  const resources = resourcesOf(stage);
  const service = await brokerServiceOf(resources);
  if (service) {
    const { cluster } = serviceOf(service);
    const command = new UpdateServiceCommand({ cluster, service, forceNewDeployment: true });
    await new ECSClient(clientSettings(stage)).send(command);
    return;
  }
  const BrokerId = await resources.physicalId(BROKER);
  await new MqClient(clientSettings(stage)).send(new RebootBrokerCommand({ BrokerId }));
}

/** Reboots a database's server; outside prod it is the other service's too. A standby takes over. Resolves when the reboot begins. */
export async function rebootDatabase(stage: StageAccess, noun: ServiceName): Promise<void> {
  const client = new RDSClient(clientSettings(stage));
  const DBInstanceIdentifier = await serverOf(stage, resourcesOf(stage), noun);
  const { DBInstances: [server] = [] } = await client.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier }),
  );
  const ForceFailover = server?.MultiAZ === true;
  await client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier, ForceFailover }));
}
