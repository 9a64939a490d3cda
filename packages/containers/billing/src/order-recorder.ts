import * as Billing from "@cloud-design/core/billing";
import { type Database, isLasting } from "@cloud-design/core/database";
import { DomainError } from "@cloud-design/core/errors";
import { retryInPlace } from "@cloud-design/core/retry";
import type { ConsumeMessage } from "amqplib";

export interface OrderRecorder {
  /** Settles each message: calls `settled` when its order is stored, or when it lies among the dead letters with its reason. */
  handle(messages: readonly ConsumeMessage[], settled: Settled): Promise<void>;
}

/** What has become of a message: its order is stored, was stored already, or never will be. */
export type Outcome =
  | { outcome: "recorded" | "repeated" }
  | {
      outcome: "rejected";
      reason: string;
    };
export type Settled = (message: ConsumeMessage, outcome: Outcome) => void;

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
  /** Told once for each dependency that is waited for, and why. */
  onWait: (error: unknown) => void;
  record?: typeof Billing.record;
}): OrderRecorder {
  const { database, deadLetter, signal, onWait, record = Billing.record } = deps;

  const inPlace = <T>(work: () => Promise<T>): Promise<T> =>
    retryInPlace(work, {
      signal,
      isTransient: (error) => !isLasting(error),
      onRetry: (error, attempt) => {
        if (attempt === 1) onWait(error);
      },
    });

  /** First the row that the customer sees, then the dead letter: a crash in between repeats both. */
  async function reject(message: ConsumeMessage, reason: string, settled: Settled): Promise<void> {
    const issued = Billing.issuedOrderOf(message);
    await inPlace(async () => {
      if (issued) await database.run((db) => Billing.reject(db, { ...issued, reason }));
      await deadLetter(message, reason);
    });
    settled(message, { outcome: "rejected", reason });
  }

  /** Stores orders together; those that the database refuses are found by storing each alone. */
  async function recordAll(orders: readonly Received[], settled: Settled): Promise<void> {
    const rows = orders.map(({ order }) => order);
    const stored = await inPlace(() => database.run((db) => record(db, rows))).catch((error: unknown) => {
      if (isLasting(error)) return undefined;
      throw error;
    });
    if (stored === undefined && orders.length > 1) {
      for (const order of orders) await recordAll([order], settled);
      return;
    }
    const created = new Set(stored?.created);
    for (const { message, order } of orders) {
      if (stored === undefined) await reject(message, REFUSED, settled);
      else if (stored.keyReused.includes(order.id)) await reject(message, KEY_REUSED, settled);
      // Of two messages for one order in a batch the second is a repetition.
      else settled(message, { outcome: created.delete(order.id) ? "recorded" : "repeated" });
    }
  }

  async function settle(messages: readonly ConsumeMessage[], settled: Settled): Promise<void> {
    const orders: Received[] = [];
    for (const message of messages) {
      try {
        orders.push({ message, order: Billing.parseMessage(message) });
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        await reject(message, error.message, settled);
      }
    }
    await recordAll(orders, settled);
  }

  /** Marks the message before touching it: if it ends the process, the mark stays and counts. */
  async function settleRedelivered(message: ConsumeMessage, settled: Settled): Promise<void> {
    const key = Billing.messageKey(message);
    const attempts = await inPlace(() => database.run((db) => Billing.attempt(db, key)));
    try {
      if (attempts <= Billing.ATTEMPTS_MAX) return await settle([message], settled);
      const reason = `Billing broke off ${Billing.ATTEMPTS_MAX} times while it handled this order.`;
      await reject(message, reason, settled);
    } finally {
      // The mark of a message that was settled, or of one that another session will get, says nothing about a crash.
      await database.run((db) => Billing.settle(db, key)).catch(() => {});
    }
  }

  return {
    handle(messages, settled) {
      const [first, ...others] = messages;
      return first?.fields.redelivered && others.length === 0
        ? settleRedelivered(first, settled)
        : settle(messages, settled);
    },
  };
}
