import {
  QUEUE_NAMES,
  QueueName,
  RATE_DEFAULT,
  RATE_MAX,
  type Selection,
} from "@cloud-design/functions/dead-letters/protocol";
import { parseFlags } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { namedStage, STAGE_FLAGS } from "../stage/flags.ts";
import type { DeadLettersClient } from "./client.ts";
import { readId } from "./spelled-id.ts";

export interface Arguments {
  ids: string[];
  queues: readonly QueueName[];
  isJson: boolean;
  values: ReturnType<typeof parseFlags>["values"];
}

/** Parses the flags that all verbs take, and the further flags of this one. */
export function parseArguments(
  verb: string,
  args: string[],
  flags: Parameters<typeof parseFlags>[2] = {},
): Arguments {
  const { values, positionals } = parseFlags(`npm run ops -- dlq ${verb}`, args, {
    queue: { type: "string" },
    json: { type: "boolean" },
    ...STAGE_FLAGS,
    ...flags,
  });
  return {
    ids: positionals.map(readId),
    queues: parseQueues(values.queue),
    isJson: values.json === true,
    values,
  };
}

function parseQueues(given: unknown): readonly QueueName[] {
  if (given === undefined) return QUEUE_NAMES;
  const queue = QueueName.safeParse(given);
  if (queue.success) return [queue.data];
  throw new SetupError(`--queue takes ${QUEUE_NAMES.join(" or ")}, not "${given}".`);
}

/** The access to the laptop's dead letters or, with `--stage`, to those of the stage. */
export async function openClient({ values }: Pick<Arguments, "values">): Promise<DeadLettersClient> {
  const stage = namedStage(values);
  if (stage === undefined) return (await import("./laptop-client.ts")).laptopClient();
  // Not in an image of the laptop, which lacks the packages for AWS.
  return (await import("./stage-client.ts")).stageClient(stage);
}

/** Ids, or a cause, or everything: exactly one of these. */
export function parseSelection({ ids, values }: Arguments): Selection {
  const cause = values.cause === undefined ? undefined : String(values.cause).trim();
  const given = [ids.length > 0, cause !== undefined, values.all === true].filter(Boolean).length;
  if (given !== 1 || cause === "") {
    throw new SetupError(
      "Say which: ids of dead letters, --cause TEXT or, for a replay, --all; and only one of these. `npm run ops -- dlq list` shows ids and causes.",
    );
  }
  if (cause !== undefined) return { cause };
  return ids.length > 0 ? { ids } : { all: true };
}

/** A dry run needs no reason. */
export function parseWhy({ values }: Arguments): string {
  if (values["dry-run"] === true) return "";
  const why = String(values.why ?? "").trim();
  if (why !== "" && why.length <= 500) return why;
  throw new SetupError('Say why, in up to 500 characters: --why "...". It is logged with each dead letter.');
}

export function parseRate({ values }: Arguments): number {
  const rate = Number(values.rate ?? RATE_DEFAULT);
  if (Number.isInteger(rate) && rate >= 1 && rate <= RATE_MAX) return rate;
  throw new SetupError(`--rate takes dead letters per second, from 1 to ${RATE_MAX}, not "${values.rate}".`);
}
