import { join } from "node:path";
import {
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { queueDepth } from "@cloud-design/functions/shared/queue-depth";
import { until } from "../../chaos/until.ts";
import type { AlarmFault } from "../fault.ts";
import { inPlaceOf } from "../in-place-of.ts";
import type { Laboratory } from "../laboratory.ts";
import { minutes } from "../minutes.ts";

const CRASHING = join(import.meta.dirname, "../crashing-function.ts");
/** S3 sends it when a notification is set up; the splitter accepts it and has nothing to do. */
const NOTHING_TO_DO = JSON.stringify({ Event: "s3:TestEvent" });

export const IMPORT_FAULTS: readonly AlarmFault[] = [
  {
    name: "import-splitter-crashes",
    injection:
      "the function import-splitter throws in each invocation for 14 minutes, like a bug that no test found, while a file arrives each minute",
    calmMinutes: 6,
    inject: crash,
  },
  {
    name: "import-given-up",
    injection:
      "a message that names no file arrives, and SQS moves it to the dead letters after 2 receives instead of 30, each of them a second after the one before; later it is deleted",
    calmMinutes: 4,
    inject: giveUp,
  },
];

const queueOf = ({ queues }: Laboratory, name: string) => new URL(name, queues.orders).href;

async function send(lab: Laboratory, MessageBody: string): Promise<void> {
  await lab.sqs.send(new SendMessageCommand({ QueueUrl: queueOf(lab, "imports"), MessageBody }));
}

async function crash(lab: Laboratory): Promise<void> {
  const env = { BROKEN_FUNCTION: "@cloud-design/functions/import-splitter" };
  await using _changed = await inPlaceOf(lab, "import-splitter", { env, preload: [CRASHING] });
  for (let minute = 0; minute < 14; minute++) {
    await send(lab, NOTHING_TO_DO);
    await minutes(1);
  }
}

async function giveUp(lab: Laboratory): Promise<void> {
  const { sqs } = lab;
  const QueueUrl = queueOf(lab, "imports");
  const deadLetters = queueOf(lab, "imports-dead-letters");
  const AttributeNames = ["RedrivePolicy", "VisibilityTimeout"] as const;
  const usual = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
  );
  const policy = JSON.parse(usual.Attributes?.RedrivePolicy ?? "{}");
  const set = (Attributes: Record<string, string>) =>
    sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  try {
    await set({
      VisibilityTimeout: "1",
      RedrivePolicy: JSON.stringify({ ...policy, maxReceiveCount: 2 }),
    });
    await send(lab, "{}");
    await until("the message is given up", async () => (await queueDepth(sqs, deadLetters)).visible > 0);
    await minutes(6);
  } finally {
    await set({ ...usual.Attributes });
  }
  await sqs.send(new PurgeQueueCommand({ QueueUrl: deadLetters }));
}
