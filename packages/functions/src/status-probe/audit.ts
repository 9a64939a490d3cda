import { byLane, type Lane } from "@cloud-design/core/billing/lanes";
import type { LedgerAnswer } from "@cloud-design/core/billing/ledger";
import { type Counted, inQueues, missing } from "./figures.ts";
import type { Journal } from "./journal.ts";
import { enter, type Ledger, questions, roomIn, strike } from "./ledger.ts";

/** The time for all questions together. */
const ASK_SECONDS = 8;
/** Questions at once: fewer than the connections that one task of billing has to its database, for its messages come first. */
const ASKERS = 4;
/** A load balancer distributes questions in turn, but not always exactly. */
const QUESTIONS_EACH = 3;

export interface AuditDependencies {
  journal: Journal;
  /** Orders in the dead-letter queue of SQS. */
  countDeadLetters(): Promise<number>;
  /** Orders of each lane in SQS, including those that a function holds. Rejects when SQS does not answer. */
  countInSqs(): Promise<Record<Lane, number>>;
  /** Orders of each lane that are ready in RabbitMQ, and the processes that consume. Rejects when RabbitMQ does not answer. */
  countInBroker(): Promise<{ ready: Record<Lane, number>; consumers: number }>;
  /** The outcomes of these orders, from billing's rows. */
  askBilling(ids: readonly string[], signal: AbortSignal): Promise<LedgerAnswer>;
  /** The longest time that a healthy order takes. */
  settleSeconds: number;
}

/**
 * Follows orders downstream, from their acceptance to their rows. Never rejects, and takes at most 38 s: 23 for the
 * journal, 1.5 for SQS, 5 for RabbitMQ and 8 for billing.
 */
export async function audit(
  deps: AuditDependencies,
  before: Ledger,
): Promise<{ ledger: Ledger; counted: Counted }> {
  // biome-ignore lint/plugin: compared with when the gateway accepted orders, by its wall clock.
  const at = Date.now();
  const room = roomIn(before);
  const reading = room > 0 ? await deps.journal.read(before.readFrom, room) : undefined;
  const entered = reading ? enter(before, reading) : before;
  const [inDeadLetters, inSqs] = await Promise.all([
    deps.countDeadLetters().catch(nothing),
    deps.countInSqs().catch(nothing),
  ]);
  const broker = await deps.countInBroker().catch(nothing);
  const queues = {
    inDeadLetters,
    inSqs: inSqs && sum(Object.values(inSqs)),
    inBroker: broker && sum(Object.values(broker.ready)),
    consumers: broker?.consumers,
    queued: inSqs && broker && byLane((lane) => inSqs[lane] + broker.ready[lane]),
  };

  const signal = AbortSignal.timeout(ASK_SECONDS * 1_000);
  const ask = (ids: readonly string[]) => deps.askBilling(ids, signal).catch(nothing);
  let { ledger, answers, isAsked } = await askAll(ask, entered);
  const isSuspect = isAsked && missing(ledger, at, deps.settleSeconds, inQueues(queues) ?? 0) > 0;
  const isCurrent = reading?.isCurrent === true;
  // The number that each process of billing holds is needed when the queues hold too few messages, or alone tell how many orders wait.
  const held = await countHeld(ask, isSuspect || !isCurrent ? (broker?.consumers ?? 0) : 0, answers);
  if (isSuspect) {
    // Asked once more: otherwise an order that was settled between the two counts would be in neither.
    ({ ledger, isAsked } = await askAll(ask, ledger));
  }
  const isJournalRead = reading?.isComplete === true;
  return { ledger, counted: { at, isJournalRead, isCurrent, ...queues, isAsked, held } };
}

type Ask = (ids: readonly string[]) => Promise<LedgerAnswer | undefined>;

async function askAll(
  ask: Ask,
  ledger: Ledger,
): Promise<{ ledger: Ledger; answers: LedgerAnswer[]; isAsked: boolean }> {
  const asked = questions(ledger);
  const answers: LedgerAnswer[] = [];
  const open = asked.values();
  let isAnswered = true;
  async function askOn(): Promise<void> {
    for (const ids of open) {
      const answer = await ask(ids);
      if (answer === undefined) isAnswered = false;
      else answers.push(answer);
      if (!isAnswered) break;
    }
  }
  await Promise.all(Array.from({ length: ASKERS }, askOn));
  return { ledger: strike(ledger, answers), answers, isAsked: answers.length === asked.length };
}

/**
 * Asks until as many processes have answered as consume. Undefined when some do not answer, because the messages they
 * hold are unknown.
 */
async function countHeld(
  ask: Ask,
  consumers: number,
  answers: readonly LedgerAnswer[],
): Promise<number | undefined> {
  const held = new Map(answers.map((answer) => [answer.holder, answer.held]));
  for (let question = 0; held.size < consumers && question < consumers * QUESTIONS_EACH; question++) {
    const answer = await ask([]);
    if (answer === undefined) return undefined;
    held.set(answer.holder, answer.held);
  }
  return held.size < consumers ? undefined : sum([...held.values()]);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function nothing(): undefined {
  return undefined;
}
