import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@cloud-design/core/database";
import type { Log } from "@cloud-design/core/log";
import { fullJitter } from "@cloud-design/core/retry";
import * as Webhooks from "@cloud-design/core/webhooks";
import type { DeliveryQueues } from "./delivery-queues.ts";

interface RetryDependencies {
  database: Pick<Database, "run">;
  queues: DeliveryQueues;
  log: Log;
}

/**
 * Sends deliveries on whose wait is over, and drops those of deleted webhooks: this process can ask the database, and the
 * function that posts cannot. Runs until it is closed; what it has received by then comes again.
 */
export function startRetries(deps: RetryDependencies): { close(): Promise<void> } {
  const over = new AbortController();
  const { signal } = over;
  let handling = Promise.resolve();

  async function run(): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        const received = await deps.queues.receive();
        if (signal.aborted) return;
        handling = sendOn(received, deps);
        await handling;
        failures = 0;
      } catch (err) {
        if (signal.aborted) return;
        if (failures++ === 0) deps.log.warn({ err }, "deliveries wait for a dependency");
        await sleep(fullJitter(failures), undefined, { signal }).catch(() => {});
      }
    }
  }

  void run();
  return {
    async close() {
      over.abort();
      await handling.catch(() => {});
    },
  };
}

/** Deliveries are in the next queue before they leave this one: a failure in between repeats them. */
async function sendOn(
  received: Awaited<ReturnType<DeliveryQueues["receive"]>>,
  { database, queues, log }: RetryDependencies,
): Promise<void> {
  if (received.length === 0) return;
  const ids = [...new Set(received.map(({ delivery }) => delivery.webhook))];
  const existing = await database.run((db) => Webhooks.existing(db, ids));
  const {
    dropped = [],
    waiting = [],
    due = [],
  } = Object.groupBy(received, ({ delivery: { webhook, waitSeconds } }) =>
    existing.has(webhook) ? (waitSeconds > 0 ? "waiting" : "due") : "dropped",
  );
  // A group leaves at once: one that was handed on and stays would go on twice, with all of its later attempts.
  const handOn = async (some: typeof received, hand: DeliveryQueues["send"]) => {
    if (some.length === 0) return;
    await hand(some.map(({ delivery }) => delivery));
    await queues.takeOut(some.map(({ receipt }) => receipt));
  };
  await handOn(dropped, async (deliveries) => {
    for (const { webhook, id, attempt } of deliveries)
      log.info({ webhook, message_id: id, attempt }, "delivery dropped: its webhook was deleted");
  });
  await handOn(waiting, queues.wait);
  await handOn(due, queues.send);
}
