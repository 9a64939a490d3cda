import * as Billing from "@cloud-design/core/billing";
import { type Database, isLasting } from "@cloud-design/core/database";
import { DomainError } from "@cloud-design/core/errors";
import type { Log } from "@cloud-design/core/log";
import { retryInPlace } from "@cloud-design/core/retry";
import type { ConsumeMessage } from "amqplib";

export interface OrderRecorder {
  /** Settles each message: calls `acknowledge` when its order is stored, or when it lies among the dead letters with its reason. */
  handle(messages: readonly ConsumeMessage[], acknowledge: Acknowledge): Promise<void>;
}

export type Acknowledge = (message: ConsumeMessage) => void;

/** Resolves once the message lies in the dead-letter queue, with the reason in its header `x-reason`. */
export type DeadLetter = (message: ConsumeMessage, reason: string) => Promise<void>;

interface Received {
  message: ConsumeMessage;
  order: Billing.AcceptedOrder;
}

const REFUSED = "The database refuses its values.";
const KEY_REUSED = "Its Idempotency-Key had already been used for another order.";

/**
 * What billing does with its messages. Trouble with database or broker is retried in place, because giving a message back counts
 * towards its delivery limit; only what can never succeed is dead-lettered.
 */
export function createOrderRecorder(deps: {
  database: Database;
  deadLetter: DeadLetter;
  /** Ends the retries when the messages are no longer ours to settle. */
  signal: AbortSignal;
  log: Log;
  record?: typeof Billing.record;
}): OrderRecorder {
  const { database, deadLetter, signal, log, record = Billing.record } = deps;

  const inPlace = <T>(work: () => Promise<T>): Promise<T> =>
    retryInPlace(work, {
      signal,
      isTransient: (error) => !isLasting(error),
      onRetry: (error, attempt) => {
        if (attempt === 1) log.warn({ err: error }, "billing waits for a dependency");
      },
    });

  /** First the row that the customer sees, then the dead letter: a crash in between repeats both. */
  async function reject(message: ConsumeMessage, reason: string): Promise<void> {
    const issued = Billing.issuedOrderOf(message);
    log.warn({ order_id: issued?.orderId, reason }, "order rejected");
    await inPlace(async () => {
      if (issued) await database.run((db) => Billing.reject(db, { ...issued, reason }));
      await deadLetter(message, reason);
    });
  }

  /** Stores orders together; those that the database refuses are found by storing each alone. */
  async function recordAll(orders: readonly Received[], acknowledge: Acknowledge): Promise<void> {
    const rows = orders.map(({ order }) => order);
    const stored = await inPlace(() => database.run((db) => record(db, rows))).catch((error: unknown) => {
      if (isLasting(error)) return undefined;
      throw error;
    });
    if (stored === undefined && orders.length > 1) {
      for (const order of orders) await recordAll([order], acknowledge);
      return;
    }
    for (const { message, order } of orders) {
      if (stored === undefined) await reject(message, REFUSED);
      else if (stored.keyReused.includes(order.id)) await reject(message, KEY_REUSED);
      acknowledge(message);
    }
  }

  async function settle(messages: readonly ConsumeMessage[], acknowledge: Acknowledge): Promise<void> {
    const orders: Received[] = [];
    for (const message of messages) {
      try {
        orders.push({ message, order: Billing.parseMessage(message) });
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        await reject(message, error.message);
        acknowledge(message);
      }
    }
    await recordAll(orders, acknowledge);
  }

  /** Marks the message before touching it: if it ends the process, the mark stays and counts. */
  async function settleRedelivered(message: ConsumeMessage, acknowledge: Acknowledge): Promise<void> {
    const key = Billing.messageKey(message);
    const attempts = await inPlace(() => database.run((db) => Billing.attempt(db, key)));
    try {
      if (attempts <= Billing.ATTEMPTS_MAX) return await settle([message], acknowledge);
      await reject(message, `Billing broke off ${Billing.ATTEMPTS_MAX} times while it handled this order.`);
      acknowledge(message);
    } finally {
      // The mark of a message that was settled, or of one that another session will get, says nothing about a crash.
      await database.run((db) => Billing.settle(db, key)).catch(() => {});
    }
  }

  return {
    handle(messages, acknowledge) {
      const [first, ...others] = messages;
      return first?.fields.redelivered && others.length === 0
        ? settleRedelivered(first, acknowledge)
        : settle(messages, acknowledge);
    },
  };
}
