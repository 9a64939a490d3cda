import type { OrderCounts } from "@cloud-design/status";
import { type Acceptance, type Ledger, openOrders } from "./ledger.ts";

/** Two heartbeats: so long RabbitMQ may hold out messages to a process that is gone, and count them nowhere that anybody sees. */
const SETTLE_SECONDS_MIN = 30;
/** SQS's counts are true after a minute; one late run of the probe is no news. */
const SETTLE_INTERVALS = 3;
const NAMED_MAX = 10;

/** What was counted on the way of an order, in this sequence: one that moves on meanwhile is counted twice, and not left out. */
export interface Counted {
  /** When that began, in milliseconds since 1970. */
  at: number;
  isJournalRead: boolean;
  /** Orders that SQS has given up. */
  inDeadLetters: number | undefined;
  inSqs: number | undefined;
  inBroker: number | undefined;
  /** How many processes hold messages of the broker. */
  consumers: number | undefined;
  /** Billing has said of each open order what became of it. */
  isAsked: boolean;
  /** Messages in the hands of billing's processes; undefined when one of them did not say. */
  held: number | undefined;
}

/** The open orders that have taken longer than any that is well. */
function late(ledger: Ledger, at: number, settleSeconds: number): Acceptance[] {
  return openOrders(ledger).filter((order) => order.at < at - settleSeconds * 1_000);
}

export function settleSecondsOf(intervalSeconds: number): number {
  return Math.max(SETTLE_SECONDS_MIN, SETTLE_INTERVALS * intervalSeconds);
}

/** What all queues hold; undefined when one of them could not be counted. */
export function inQueues({
  inDeadLetters,
  inSqs,
  inBroker,
}: Pick<Counted, "inDeadLetters" | "inSqs" | "inBroker">) {
  if (inDeadLetters === undefined || inSqs === undefined || inBroker === undefined) return undefined;
  return inDeadLetters + inSqs + inBroker;
}

/**
 * As many open orders as there are messages too few for, but none that is not late: it may not have been counted yet. Those of the last
 * third of that time SQS may not count yet.
 */
export function missing(ledger: Ledger, at: number, settleSeconds: number, messages: number): number {
  const tooFew = late(ledger, at, settleSeconds / SETTLE_INTERVALS).length - messages;
  return Math.max(0, Math.min(late(ledger, at, settleSeconds).length, tooFew));
}

/**
 * accepted - recorded - rejected - in flight = unaccounted. Every open order that is not missing is in flight. Where the journal was not read to
 * its end, or a part of the way could not be asked, there are no such figures.
 */
export function figures(ledger: Ledger, counted: Counted, settleSeconds: number): OrderCounts {
  const open = openOrders(ledger);
  const { since, accepted, recorded, rejected } = ledger;
  const unaccounted = unaccountedOf(ledger, counted, settleSeconds);
  return {
    // The oldest are those that are missing.
    ...waitingOf(open.slice(unaccounted), counted),
    ...(!counted.isJournalRead && { isLowerBound: true }),
    ledger: {
      ...{ since, accepted, recorded, rejected },
      ...(unaccounted !== undefined && { inFlight: open.length - unaccounted, unaccounted }),
    },
  };
}

function unaccountedOf(ledger: Ledger, counted: Counted, settleSeconds: number): number | undefined {
  const { at, isJournalRead, isAsked, held } = counted;
  const found = inQueues(counted);
  if (!isJournalRead || !isAsked || held === undefined || found === undefined) return undefined;
  return missing(ledger, at, settleSeconds, found + held);
}

/** While billing is silent nobody knows which orders it has still recorded; but where no process holds any, the queues have all that wait. */
function waitingOf(
  open: readonly Acceptance[],
  counted: Counted,
): Pick<OrderCounts, "waiting" | "isUpperBound" | "oldestSeconds"> {
  const found = inQueues(counted);
  const isCounted = counted.isAsked || (found !== undefined && counted.consumers === 0);
  if (!isCounted && open.length > 0) return { waiting: open.length, isUpperBound: true };
  const waiting = counted.isAsked ? open.length : Math.min(open.length, found ?? 0);
  // Those that were recorded last before billing fell silent are the oldest.
  const oldest = open[open.length - waiting];
  return { waiting, oldestSeconds: oldest ? Math.max(0, counted.at - oldest.at) / 1_000 : 0 };
}

/**
 * How many checks have seen, since billing last settled an order, that one of the check before still waits in RabbitMQ or in the hands of a
 * process: whatever billing says of itself. A check that billing does not answer changes nothing. Nor does one that finds the order nowhere: a
 * consumer that reconnects for ever takes it and gives it back, and it may be in neither place when each is asked.
 */
export function stalledChecks(before: Ledger, ledger: Ledger, counted: Counted): number {
  const stalled = before.stalledChecks ?? 0;
  if (!counted.isAsked) return stalled;
  const waiting = Object.keys(before.open).filter((id) => id in ledger.open).length;
  const isSettling = ledger.recorded + ledger.rejected > before.recorded + before.rejected;
  if (waiting === 0 || isSettling) return 0;
  if ((counted.inBroker ?? 0) + (counted.held ?? 0) > 0) return stalled + 1;
  return waiting <= (counted.inSqs ?? 0) + (counted.inDeadLetters ?? 0) ? 0 : stalled;
}

/** A line of the log, from which the alarms are made. Names the late orders when some are unaccounted for. */
export function logLine(ledger: Ledger, counted: Counted, orders: OrderCounts, settleSeconds: number) {
  const { since, accepted, recorded, rejected, inFlight, unaccounted } = orders.ledger;
  const named = unaccounted ? late(ledger, counted.at, settleSeconds).slice(0, NAMED_MAX) : [];
  return {
    since,
    accepted,
    recorded,
    rejected,
    in_flight: inFlight,
    unaccounted,
    waiting: orders.waiting,
    oldest_seconds: orders.oldestSeconds,
    in_dead_letters: counted.inDeadLetters,
    in_sqs: counted.inSqs,
    in_broker: counted.inBroker,
    in_billing: counted.held,
    stalled_checks: ledger.stalledChecks,
    is_journal_read: counted.isJournalRead,
    ...(named.length > 0 && { late: named.map(({ id }) => id) }),
  };
}
