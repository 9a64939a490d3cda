import { IN_FLIGHT_MAX } from "@cloud-design/containers/limits";
import { ORDER_BYTES_MAX } from "@cloud-design/core/billing/order";
import { CONNECTIONS_MAX } from "@cloud-design/core/database";
import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { nameOf, referencesIn } from "../references.ts";

const Instance = z.object({ DBParameterGroupName: z.string() });
const ParameterGroup = z.object({ Parameters: z.object({ max_connections: z.coerce.number().optional() }) });
const TargetGroup = z.object({
  DBInstanceIdentifiers: z.array(z.string()),
  DBProxyName: z.string(),
  ConnectionPoolConfigurationInfo: z.object({ MaxConnectionsPercent: z.number() }),
});
const Target = z.object({ MaxCapacity: z.number(), ResourceId: z.string() });
const Service = z.object({
  TaskDefinition: z.string(),
  DeploymentConfiguration: z.object({ MaximumPercent: z.number() }),
});
const TaskDefinition = z.object({
  ContainerDefinitions: z.array(
    z.object({ Environment: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]) }),
  ),
});

/** If all tasks that may run at once have a full pool, each connection fits through its proxy. */
export function connections(app: App): string[] {
  const parameters = resourcesOf(app, "AWS::RDS::DBParameterGroup", ParameterGroup);
  const instances = resourcesOf(app, "AWS::RDS::DBInstance", Instance);
  return resourcesOf(app, "AWS::RDS::DBProxyTargetGroup", TargetGroup).flatMap(({ properties }) => {
    const { DBInstanceIdentifiers, DBProxyName, ConnectionPoolConfigurationInfo } = properties;
    const instance = instances.find(({ name }) => name === nameOf(DBInstanceIdentifiers[0]));
    const group = parameters.find(({ name }) => name === nameOf(instance?.properties.DBParameterGroupName));
    const most = group?.properties.Parameters.max_connections;
    if (most === undefined)
      return [`${instance?.name} leaves max_connections to what RDS makes of its memory`];
    const offered = (most * ConnectionPoolConfigurationInfo.MaxConnectionsPercent) / 100;
    const wanted = tasksBehind(app, nameOf(DBProxyName)) * CONNECTIONS_MAX;
    return wanted <= offered
      ? []
      : [`${DBProxyName} offers ${offered} connections, and tasks may want ${wanted}`];
  });
}

/** The most connections that the services behind a proxy may open. */
function tasksBehind(app: App, proxy: string | undefined): number {
  const definitions = resourcesOf(app, "AWS::ECS::TaskDefinition", TaskDefinition).filter(({ properties }) =>
    properties.ContainerDefinitions.some(({ Environment }) =>
      Environment.some(
        ({ Name, Value }) => Name === "DATABASE_URL" && referencesIn(Value).some((name) => name === proxy),
      ),
    ),
  );
  const counts = resourcesOf(app, "AWS::ECS::Service", Service)
    .filter(({ properties }) => definitions.some(({ name }) => name === nameOf(properties.TaskDefinition)))
    .map(({ name }) => tasksMax(app, name));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A deployment runs new tasks beside the old ones. */
function tasksMax(app: App, service: string): number {
  const target = resourcesOf(app, "AWS::ApplicationAutoScaling::ScalableTarget", Target).find(
    ({ properties }) => referencesIn(properties.ResourceId).includes(service),
  );
  const [running] = resourcesOf(app, "AWS::ECS::Service", Service).filter(({ name }) => name === service);
  const percent = running?.properties.DeploymentConfiguration.MaximumPercent ?? 200;
  return ((target?.properties.MaxCapacity ?? Number.POSITIVE_INFINITY) * percent) / 100;
}

const Broker = z.object({ HostInstanceType: z.string() });
const GIB = 1_024 ** 3;
const BROKER_MEMORY: Record<string, number> = { "mq.m7g.medium": 4 * GIB, "mq.m7g.large": 8 * GIB };

/** The orders that all billing tasks may hold unacknowledged, each of the largest size, fill little of the broker's memory. */
export function inFlight(app: App): string[] {
  const [broker] = resourcesOf(app, "AWS::AmazonMQ::Broker", Broker);
  const memory = BROKER_MEMORY[broker?.properties.HostInstanceType ?? ""] ?? 0;
  const held = tasksMax(app, "Billing/Service/Service") * IN_FLIGHT_MAX * ORDER_BYTES_MAX;
  // RabbitMQ blocks all publishers at 40 %.
  return held <= memory / 10 ? [] : [`Billing may hold ${held} bytes in a broker of ${memory}`];
}
