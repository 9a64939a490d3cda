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

/** In %, of a server without a proxy: the rest is for the migrations, the loader of imports and operators. */
const DIRECT_PERCENT = 90;

/** If all tasks that may run at once have a full pool, each connection fits through the proxy, or onto a server without one. */
export function connections(app: App): string[] {
  const parameters = resourcesOf(app, "AWS::RDS::DBParameterGroup", ParameterGroup);
  const targets = resourcesOf(app, "AWS::RDS::DBProxyTargetGroup", TargetGroup).map(
    ({ properties }) => properties,
  );
  return resourcesOf(app, "AWS::RDS::DBInstance", Instance).flatMap(({ name, properties }) => {
    const group = parameters.find((one) => one.name === nameOf(properties.DBParameterGroupName));
    const most = group?.properties.Parameters.max_connections;
    if (most === undefined) return [`${name} leaves max_connections to what RDS makes of its memory`];
    const target = targets.find(({ DBInstanceIdentifiers }) => nameOf(DBInstanceIdentifiers[0]) === name);
    const end = target ? nameOf(target.DBProxyName) : name;
    const percent = target?.ConnectionPoolConfigurationInfo.MaxConnectionsPercent ?? DIRECT_PERCENT;
    const offered = (most * percent) / 100;
    const wanted = tasksBehind(app, end) * CONNECTIONS_MAX;
    return wanted > 0 && wanted <= offered
      ? []
      : [`${end} offers ${offered} connections, and tasks may want ${wanted}`];
  });
}

/** The most connections that the services may open at this end. */
function tasksBehind(app: App, end: string | undefined): number {
  const definitions = resourcesOf(app, "AWS::ECS::TaskDefinition", TaskDefinition).filter(({ properties }) =>
    properties.ContainerDefinitions.some(({ Environment }) =>
      Environment.some(
        ({ Name, Value }) => Name === "DATABASE_URL" && referencesIn(Value).some((name) => name === end),
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
/** Beyond this RabbitMQ blocks all publishers: 40 % of Amazon MQ's memory, and what packages/containers/rabbitmq/rabbitmq.conf says. */
const BROKER_MEMORY: Record<string, number> = {
  "mq.m7g.medium": 0.4 * 4 * GIB,
  "mq.m7g.large": 0.4 * 8 * GIB,
  container: 512_000_000,
};

/** The orders that all billing tasks may hold unacknowledged, each of the largest size, fill little of the broker's memory. */
export function inFlight(app: App): string[] {
  const [broker] = resourcesOf(app, "AWS::AmazonMQ::Broker", Broker);
  const memory = BROKER_MEMORY[broker?.properties.HostInstanceType ?? "container"] ?? 0;
  const held = tasksMax(app, "Billing/Service/Service") * IN_FLIGHT_MAX * ORDER_BYTES_MAX;
  return held <= memory / 3 ? [] : [`Billing may hold ${held} bytes in a broker of ${memory}`];
}
