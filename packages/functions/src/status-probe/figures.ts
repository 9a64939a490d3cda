import type { Lane } from "@cloud-design/core/billing/lanes";
import type { OrderCounts } from "@cloud-design/status";
import { type Acceptance, type Ledger, openOrders } from "./ledger.ts";

/** Two heartbeats: for this time RabbitMQ may hold messages for a process that is gone, without counting them anywhere. */
const SETTLE_SECONDS_MIN = 30;
/** SQS's counts are exact after a minute, and a single late run of the probe must not matter. */
const SETTLE_INTERVALS = 3;
const NAMED_MAX = 10;

/** The counts along the path of an order, in this sequence: an order that moves meanwhile is counted twice rather than missed. */
export interface Counted {
  /** When counting began, in milliseconds since 1970. */
  at: number;
  /** Whether the ledger has every order that was accepted more than two minutes before. */
  isJournalRead: boolean;
  /** Whether it also has the younger ones. */
  isCurrent: boolean;
  /** Orders in the dead-letter queue of SQS. */
  inDeadLetters: number | undefined;
  inSqs: number | undefined;
  inBroker: number | undefined;
  /** Both together for each lane. */
  queued: Record<Lane, number> | undefined;
  /** How many processes consume from the broker. */
  consumers: number | undefined;
  /** Whether billing gave the outcome of every open order. */
  isAsked: boolean;
  /** Messages that billing's processes hold; undefined when one of them did not answer. */
  held: number | undefined;
}

/** The number of open orders that have taken longer than this. */
function countLate({ open }: Ledger, at: number, seconds: number): number {
  return Object.values(open).filter((acceptedAt) => acceptedAt < at - seconds * 1_000).length;
}

export function settleSecondsOf(intervalSeconds: number): number {
  return Math.max(SETTLE_SECONDS_MIN, SETTLE_INTERVALS * intervalSeconds);
}

/** The messages in all queues; undefined when one could not be counted. */
export function inQueues({
  inDeadLetters,
  inSqs,
  inBroker,
}: Pick<Counted, "inDeadLetters" | "inSqs" | "inBroker">) {
  if (inDeadLetters === undefined || inSqs === undefined || inBroker === undefined) return undefined;
  return inDeadLetters + inSqs + inBroker;
}

/**
 * The number of missing orders: by how many the open orders exceed the messages, but at most the number of late ones,
 * because younger ones may not be counted yet. Orders of the last third of that time are left out, because SQS may not
 * count them yet.
 */
export function missing(ledger: Ledger, at: number, settleSeconds: number, messages: number): number {
  const tooFew = countLate(ledger, at, settleSeconds / SETTLE_INTERVALS) - messages;
  return Math.max(0, Math.min(countLate(ledger, at, settleSeconds), tooFew));
}

/**
 * accepted - recorded - rejected - in flight = unaccounted. Every open order that is not missing is in flight. If the
 * journal was not read up to the last two minutes, or a part could not be asked, in flight and unaccounted are absent.
 */
export function figures(ledger: Ledger, counted: Counted, settleSeconds: number): OrderCounts {
  const open = openOrders(ledger);
  const { since, accepted, recorded, rejected } = ledger;
  const unaccounted = unaccountedOf(ledger, counted, settleSeconds);
  return {
    // The missing orders are assumed to be the oldest.
    ...waitingOf(open.slice(unaccounted), counted),
    ...(!counted.isJournalRead && { isLowerBound: true }),
    ...(counted.queued && { queued: counted.queued }),
    ledger: {
      since,
      accepted,
      recorded,
      rejected,
      ...(unaccounted !== undefined && { inFlight: open.length - unaccounted, unaccounted }),
    },
  };
}

function unaccountedOf(ledger: Ledger, counted: Counted, settleSeconds: number): number | undefined {
  const { at, isJournalRead, isAsked, held } = counted;
  const found = inQueues(counted);
  if (!isJournalRead || !isAsked || found === undefined) return undefined;
  const tooFew = missing(ledger, at, settleSeconds, found);
  // If the queues hold enough messages, it does not matter what billing holds.
  if (tooFew === 0) return 0;
  if (held === undefined) return undefined;
  return missing(ledger, at, settleSeconds, found + held);
}

/**
 * The waiting orders. While billing is silent, some open orders may be recorded already; but when no process holds
 * messages, exactly the messages in the queues wait.
 */
function waitingOf(
  open: readonly Acceptance[],
  counted: Counted,
): Pick<OrderCounts, "waiting" | "isUpperBound" | "oldestSeconds"> {
  const found = inQueues(counted);
  if (counted.isJournalRead && !counted.isCurrent) return waitingByMessages(open, counted);
  const isCounted = counted.isAsked || (found !== undefined && counted.consumers === 0);
  if (!isCounted && open.length > 0) return { waiting: open.length, isUpperBound: true };
  const waiting = counted.isAsked ? open.length : Math.min(open.length, found ?? 0);
  // The oldest open orders are those that billing recorded last before it fell silent.
  const oldest = open[open.length - waiting];
  return { waiting, oldestSeconds: oldest ? Math.max(0, counted.at - oldest.at) / 1_000 : 0 };
}

/**
 * When the orders of the last two minutes were too many to be read, the messages tell how many wait. Some may be counted
 * twice, or be foreign.
 */
function waitingByMessages(
  open: readonly Acceptance[],
  counted: Counted,
): Pick<OrderCounts, "waiting" | "isLowerBound" | "isUpperBound" | "oldestSeconds"> {
  const { held, isAsked } = counted;
  const messages = inQueues(counted);
  const waiting = Math.max(isAsked ? open.length : 0, (messages ?? 0) + (held ?? 0));
  if (messages === undefined || held === undefined) return { waiting, isLowerBound: true };
  if (waiting === 0) return { waiting, oldestSeconds: 0 };
  const [oldest] = isAsked ? open : [];
  return {
    waiting,
    isUpperBound: true,
    ...(oldest && { oldestSeconds: (counted.at - oldest.at) / 1_000 }),
  };
}

/**
 * How many checks since billing last settled an order have found an order of the check before still in RabbitMQ or held
 * by a process, whatever billing reports about itself. A check that billing does not answer changes nothing. Neither
 * does one that finds the order in no place: a consumer that reconnects in a loop takes it and gives it back, so each
 * count may miss it.
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

/** The log line from which the alarms are made. Names the late orders when some are unaccounted for. */
export function logLine(ledger: Ledger, counted: Counted, orders: OrderCounts, settleSeconds: number) {
  const { since, accepted, recorded, rejected, inFlight, unaccounted } = orders.ledger;
  const named = unaccounted
    ? openOrders(ledger).slice(0, Math.min(NAMED_MAX, countLate(ledger, counted.at, settleSeconds)))
    : [];
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
    consumers: counted.consumers,
    stalled_checks: ledger.stalledChecks,
    is_journal_read: counted.isJournalRead,
    ...(named.length > 0 && { late: named.map(({ id }) => id) }),
  };
}
