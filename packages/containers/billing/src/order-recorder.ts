import * as Billing from "@cloud-design/core/billing";
import { type Database, isLasting } from "@cloud-design/core/database";
import { DomainError } from "@cloud-design/core/errors";
import type { ConsumeMessage } from "amqplib";
import { createPatience } from "../../shared/patience.ts";

export interface OrderRecorder {
  /**
   * Settles each message: calls `settled` when its order is stored, together with those that were stored with it, or
   * when it is dead-lettered with its reason.
   */
  handle(messages: readonly Billing.Delivered[], settled: Settled): Promise<void>;
}

/** The outcome of a message: its order is stored, was stored already, or will never be stored. */
type Outcome =
  | { outcome: "recorded" | "repeated" }
  | {
      outcome: "rejected";
      reason: string;
    };
export type Settlement = { message: Billing.Delivered } & Outcome;
/** At least one, in the order of their delivery. */
type Settled = (settlements: readonly Settlement[]) => void;

/** Resolves once the message is in the dead-letter queue, with the reason in its header `x-reason`. */
export type DeadLetter = (message: ConsumeMessage, reason: string) => Promise<void>;

interface Received {
  message: Billing.Delivered;
  order: Billing.AcceptedOrder;
}

const UNREADABLE = "Billing cannot read the message.";
const REFUSED = "The database refuses its values.";
const KEY_REUSED = "Its Idempotency-Key had already been used for another order.";

/**
 * Handles billing's messages. Failures of the database or the broker are retried in place, because returning a message
 * counts towards its delivery limit; only messages that can never succeed are dead-lettered.
 */
export function createOrderRecorder(deps: {
  database: Database;
  deadLetter: DeadLetter;
  /** Ends the retries when the messages no longer belong to this session. */
  signal: AbortSignal;
  /** Called once per wait for a dependency, with the reason. */
  onWait: (error: unknown) => void;
  record?: typeof Billing.record;
}): OrderRecorder {
  const { database, deadLetter, signal, onWait, record = Billing.record } = deps;
  const inPlace = createPatience({ signal, onWait });

  /** Writes first the row that the customer sees, then the dead letter: a crash in between repeats both. */
  async function reject(message: Billing.Delivered, reason: string, settled: Settled): Promise<void> {
    const issued = Billing.issuedOrderOf(message);
    if (issued)
      await inPlace(() => database.run((db) => Billing.reject(db, { ...issued, reason }))).catch(passOver);
    await inPlace(() => deadLetter(message, reason));
    settled([{ message, outcome: "rejected", reason }]);
  }

  /** Stores orders together. If the database refuses the batch, each order is stored alone to find the refused ones. */
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
    const isRefused = ({ order }: Received) => stored === undefined || stored.keyReused.includes(order.id);
    const reason = stored === undefined ? REFUSED : KEY_REUSED;
    const refused = orders.filter(isRefused);
    const settlements = orders
      .filter((one) => !isRefused(one))
      // When a batch has two messages for one order, the second is a repetition.
      .map(
        ({ message, order }) =>
          ({ message, outcome: created.delete(order.id) ? "recorded" : "repeated" }) as const,
      );
    if (settlements.length > 0) settled(settlements);
    // Started last: while these run, no other code here may throw.
    await Promise.all(refused.map(({ message }) => reject(message, reason, settled)));
  }

  async function settle(messages: readonly Billing.Delivered[], settled: Settled): Promise<void> {
    const orders: Received[] = [];
    // In parallel with the orders, so that many malformed messages do not delay them.
    const work: Promise<void>[] = [];
    for (const message of messages) {
      try {
        orders.push({ message, order: Billing.parseMessage(message) });
      } catch (error) {
        // Parsing depends only on the message, so the message is at fault.
        work.push(reject(message, error instanceof DomainError ? error.message : UNREADABLE, settled));
      }
    }
    await Promise.all([recordAll(orders, settled), ...work]);
  }

  /** Marks the message before handling it: if it crashes the process, the mark stays and counts. */
  async function settleRedelivered(message: Billing.Delivered, settled: Settled): Promise<void> {
    const key = Billing.messageKey(message);
    const attempts = await inPlace(() => database.run((db) => Billing.attempt(db, key)));
    try {
      if (attempts <= Billing.ATTEMPTS_MAX) return await settle([message], settled);
      const reason = `Billing broke off ${Billing.ATTEMPTS_MAX} times while it handled this order.`;
      await reject(message, reason, settled);
    } finally {
      // The message was settled, or goes to another session, so its mark does not stand for a crash.
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

/** A row that the database always refuses must not prevent the dead letter. */
function passOver(error: unknown): void {
  if (!isLasting(error)) throw error;
}
