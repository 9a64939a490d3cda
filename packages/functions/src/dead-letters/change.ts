import { setTimeout as sleep } from "node:timers/promises";
import type { DeadLetterQueue, HeldLetter } from "./dead-letter-queue.ts";
import { type ChangeAnswer, type DeadLettersRequest, isSelected, type QueueName } from "./protocol.ts";

/** How long a request goes on once it has changed something: whoever asks sees how far it is, and asks again. */
const SLICE_MILLISECONDS = 2_000;

type Change = Extract<DeadLettersRequest, { action: "replay" | "drop" }>;

/** Who did what to which letter, and why; never what is in it. */
export interface Entry {
  action: "replay" | "drop";
  queue: QueueName;
  message_id: string;
  order_id: string;
  cause: string;
  by: string;
  why: string;
}

/** Replays or drops the selected letters, each written down before it leaves its queue: what is killed in between is done again, and harms nobody. */
export async function change(
  request: Change,
  queue: DeadLetterQueue,
  record: (entry: Entry) => void,
): Promise<ChangeAnswer> {
  const done: string[] = [];
  const refused: string[] = [];
  const until = Date.now() + SLICE_MILLISECONDS;
  let isComplete = true;
  const nextTurn = paceOf(request);
  const isOver = () => {
    // Never before something has changed, or the next request would come no further.
    if (done.length > 0 && Date.now() > until) isComplete = false;
    return !isComplete;
  };
  const visit = async (held: HeldLetter) => {
    const { id, orderId, cause, isDroppable, lastReplay } = held.letter;
    if (!isSelected(request.select, held.letter)) return;
    if (request.action === "drop" && !isDroppable) {
      refused.push(id);
      return;
    }
    if (request.action === "replay") {
      // It has come back already: its cause is not mended.
      if (lastReplay?.run === request.run) return;
      await nextTurn();
      const { run, by, why } = request;
      await held.send({ run, by, why, at: new Date().toISOString() });
    }
    const { action, queue: name, by, why } = request;
    record({ action, queue: name, message_id: id, order_id: orderId, cause, by, why });
    await held.takeOut();
    done.push(id);
  };
  const walk = await queue.walk(visit, isOver);
  return { ...walk, done, refused, isComplete };
}

/** Lets so many through in a second. */
function paceOf(request: Change): () => Promise<void> {
  const pause = request.action === "replay" ? 1_000 / request.ratePerSecond : 0;
  let next = Date.now();
  return async () => {
    const wait = next - Date.now();
    next = Math.max(next, Date.now()) + pause;
    if (wait > 0) await sleep(wait);
  };
}
