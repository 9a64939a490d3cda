import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { clientSettings } from "@cloud-design/stage/aws-access";
import {
  BROKER,
  BROKER_CONTAINER,
  FUNCTIONS,
  isFunction,
  isService,
  SERVICES,
} from "@cloud-design/stage/parts";
import { Refusal } from "@cloud-design/stage/refusal";
import { brokerServiceOf, resourcesOf, type StageAccess, serverOf } from "@cloud-design/stage/resources";

/** CloudWatch Logs accepts five requests a second of some kinds: a refused one is repeated a little later. */
const TRIES = 5;

export function logsClient(stage: StageAccess): CloudWatchLogsClient {
  return new CloudWatchLogsClient({ ...clientSettings(stage), maxAttempts: TRIES });
}

/** The log group of a part, by the name that the part has on the laptop. */
export async function logGroupOf(stage: StageAccess, part: string | undefined): Promise<string> {
  const resources = resourcesOf(stage);
  if (part !== undefined && isFunction(part)) return resources.physicalId(FUNCTIONS[part].logs);
  if (part !== undefined && isService(part)) return resources.physicalId(SERVICES[part].logs);
  // AWS names these itself, after their writers.
  switch (part) {
    case "rabbitmq":
      if (await brokerServiceOf(resources)) return resources.physicalId(BROKER_CONTAINER.logs);
      return `/aws/amazonmq/broker/${await resources.physicalId(BROKER)}/general`;
    case "inventory-database":
    case "billing-database": {
      const noun = part === "inventory-database" ? "inventory" : "billing";
      return `/aws/rds/instance/${await serverOf(stage, resources, noun)}/postgresql`;
    }
    default: {
      const problem = part === undefined ? "Name a part" : `A stage has no part ${part} with a log`;
      const others = ["rabbitmq", "inventory-database", "billing-database"];
      const all = [...Object.keys(FUNCTIONS), ...Object.keys(SERVICES), ...others];
      throw new SetupError(`${problem}: the parts are ${all.join(", ")}.`);
    }
  }
}

/** The log groups of those parts that the stage has. Throws if it has no such part. */
export async function logGroupsOf(stage: StageAccess, parts: readonly string[]): Promise<string[]> {
  const found = await Promise.allSettled(parts.map((part) => logGroupOf(stage, part)));
  const refused = found.flatMap((it) => (it.status === "rejected" ? [it.reason] : []));
  const other = refused.find((reason) => !(reason instanceof Refusal));
  if (other !== undefined || refused.length === parts.length) throw other ?? refused[0];
  return found.flatMap((it) => (it.status === "fulfilled" ? [it.value] : []));
}
