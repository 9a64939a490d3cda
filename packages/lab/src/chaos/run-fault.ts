import { setTimeout as sleep } from "node:timers/promises";
import { BILLING_DEAD_LETTERS, LANE_NAMES, LANES, LedgerAnswer } from "@cloud-design/core/billing";
import { readyIn } from "@cloud-design/core/broker";
import { EVENT_DEAD_LETTERS } from "@cloud-design/core/events";
import { POPULARITY_QUEUE } from "@cloud-design/core/inventory";
import { WEBHOOKS_QUEUE } from "@cloud-design/core/webhooks";
import * as z from "zod";
import { checkBooks, isRight, type Operation, type Verdict } from "./books.ts";
import { urlOf } from "./doors.ts";
import { type Fault, USUAL_PER_SECOND } from "./fault.ts";
import type { Lab } from "./lab.ts";
import { type Load, startLoad } from "./load.ts";
import { messagesIn, withChannel } from "./queues.ts";

const WARM_UP_SECONDS = 1;
const AFTERMATH_SECONDS = 1;
/** Longer than any part holds an order; the laboratory has shortened waits that would take minutes. */
const REST_SECONDS = 90;
const REQUEST_SECONDS_MAX = 10;
/** Below each timeout behind the gateway: a 503 after this time may be a busy machine's, one before it is a fault. */
const SHORTEST_TIMEOUT_SECONDS = 2;
/** A third of a token's lifetime. */
const TOKEN_SECONDS = 300;
const ASKERS = 8;

/** A word in the answer for an order, a number in a problem. */
const Status = z.object({ status: z.union([z.string(), z.number()]) });

export interface Result {
  fault: string;
  /** ISO 8601. */
  startedAt: string;
  orders: number;
  acknowledged: number;
  indeterminate: number;
  recorded: number;
  rejected: number;
  verdict: Verdict;
  reads: { served: number; failed: number };
  /** From the end of the fault to the row of an order that was placed then. */
  recoverySeconds: number;
  /** From the end of the load until every order was at rest. */
  restSeconds: number;
  slowestSeconds: number;
  /** The fault's own measurement, in words. */
  measured?: string;
  /** Promises that did not hold, in sentences. Empty if every promise held. */
  broken: string[];
  /** Promises about time (R5, R6) that did not hold; a busy machine may be the cause. */
  late: string[];
}

type Findings = Omit<Result, "broken" | "late">;

/** Runs one fault under load (at most this many orders a second), waits until everything is at rest, and checks the ledger. */
export async function runFault(
  fault: Fault,
  lab: Lab,
  say: (doing: string) => void,
  perSecondMax = USUAL_PER_SECOND,
): Promise<Result> {
  await using _prepared = await fault.prepare?.(lab);
  const startedAt = new Date();
  await lab.renewTokens();
  const renewal = setInterval(() => void lab.renewTokens().catch(() => {}), TOKEN_SECONDS * 1_000);
  const { gatewayUrl } = lab;
  const load = startLoad({
    gatewayUrl,
    token: () => lab.token,
    ...(fault.isForBothLanes && { premiumToken: () => lab.premiumToken }),
    perSecond: fault.needsUsualLoad ? USUAL_PER_SECOND : perSecondMax,
    readsPerSecond: USUAL_PER_SECOND,
  });
  const broken: string[] = [];
  const note = (error: unknown): undefined => {
    broken.push(error instanceof Error ? error.message : String(error));
  };
  say("clients order");
  await sleep(WARM_UP_SECONDS * 1_000);
  say(fault.injection);
  const measured = await fault.inject(lab, load).catch(note);
  say("waiting until an order is recorded");
  const recoverySeconds = await secondsToRow(lab, load);
  await sleep(AFTERMATH_SECONDS * 1_000);
  say("waiting until everything is at rest");
  await load.stop();
  const restSeconds = await secondsToRest(lab, load, fault.deadLetters ?? 0, broken);
  clearInterval(renewal);
  const asked = await statusesOf(lab, load.operations).catch(note);
  const { verdict, recorded, rejected } = await compareBooks(lab, load.operations, asked?.statuses);
  await takeDeadLettersAway(lab).catch(note);
  const { operations, reads, durations, wrongAnswers, refusals } = load;
  const slowest = durations.reduce((longest, duration) => Math.max(longest, duration / 1_000), 0);
  const of = (outcome: Operation["outcome"]) => operations.filter((one) => one.outcome === outcome).length;
  const result = {
    fault: fault.name,
    startedAt: startedAt.toISOString(),
    orders: operations.length,
    acknowledged: of("acknowledged"),
    indeterminate: of("indeterminate"),
    recorded,
    rejected,
    verdict,
    reads,
    recoverySeconds,
    restSeconds,
    slowestSeconds: Math.max(slowest, asked?.slowestSeconds ?? 0),
    ...(typeof measured === "string" && { measured }),
  };
  broken.push(...wrongAnswers.slice(0, 3), ...brokenPromises(fault, result, refusals));
  return { ...result, broken, late: latePromises(fault, result) };
}

function brokenPromises(fault: Fault, result: Findings, refusals: readonly number[]): string[] {
  const { verdict, indeterminate, reads, recoverySeconds } = result;
  const { mayRefuse = {} } = fault;
  return [
    ...Object.entries(verdict)
      .filter(([kind, found]) => kind !== "recovered" && found.length > 0)
      .map(([kind, found]) => `R1 to R3: ${found.length} ${kind}, such as ${found[0]}`),
    ...(recoverySeconds === Number.POSITIVE_INFINITY
      ? [`R5: no order was recorded in the ${REST_SECONDS} s after the fault`]
      : []),
    ...[...Map.groupBy(refusals, (status) => status)].map(
      ([status, answers]) => `R4: ${answers.length} answers ${status} to good orders`,
    ),
    ...(indeterminate > 0 && !mayRefuse.orders ? [`R7: ${indeterminate} orders were not accepted`] : []),
    ...(reads.failed > 0 && !mayRefuse.reads ? [`R7: ${reads.failed} reads failed`] : []),
  ];
}

function latePromises(fault: Fault, { recoverySeconds, slowestSeconds }: Findings): string[] {
  const { recoverySecondsMax = 15, mayHang = false } = fault;
  return [
    ...(recoverySeconds <= recoverySecondsMax
      ? []
      : [`R5: an order took ${recoverySeconds.toFixed(1)} s after the fault, over ${recoverySecondsMax} s`]),
    ...(slowestSeconds <= REQUEST_SECONDS_MAX || mayHang
      ? []
      : [`R6: a request took ${slowestSeconds.toFixed(1)} s`]),
  ];
}

/** Places one order after the other until one is accepted, and waits for its row. */
async function secondsToRow({ sql }: Lab, load: Load): Promise<number> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1_000;
  let placed = await load.order();
  while (placed.outcome !== "acknowledged" && seconds() < REST_SECONDS) placed = await load.order();
  const [id = ""] = placed.ids;
  while (seconds() < REST_SECONDS) {
    const rows = await sql`SELECT 1 FROM orders WHERE id = ${id}`.catch(() => []);
    if (rows.length > 0) return seconds();
    await sleep(20);
  }
  return Number.POSITIVE_INFINITY;
}

/** Waits until every acknowledged order is recorded or rejected, and every queue is empty (R9). */
async function secondsToRest(lab: Lab, load: Load, deadLetters: number, broken: string[]): Promise<number> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1_000;
  for (;;) {
    const waiting = await whatWaits(lab, deadLetters).catch((error: unknown) => String(error));
    const books = await compareBooks(lab, load.operations).catch(() => undefined);
    if (waiting === undefined && books && isRight(books.verdict)) return seconds();
    if (seconds() > REST_SECONDS) {
      if (waiting !== undefined) broken.push(`R9: not at rest after ${REST_SECONDS} s: ${waiting}`);
      return seconds();
    }
    await sleep(100);
  }
}

async function whatWaits(lab: Lab, deadLetters: number): Promise<string | undefined> {
  const { sqs, queues, sql } = lab;
  return withChannel(lab, async (channel) => {
    const counts: [string, number, number][] = [];
    for (const lane of LANE_NAMES)
      counts.push([LANES[lane].sqs, await messagesIn(sqs, queues.lanes[lane]), 0]);
    counts.push(["orders-dead-letters", await messagesIn(sqs, queues.deadLetters), 0]);
    for (const lane of LANE_NAMES)
      counts.push([LANES[lane].queue, await readyIn(channel, LANES[lane].queue), 0]);
    counts.push(
      [BILLING_DEAD_LETTERS, await readyIn(channel, BILLING_DEAD_LETTERS), deadLetters],
      ["billing", await heldByBilling(lab), 0],
      ["the outbox", (await sql`SELECT 1 FROM outbox`).length, 0],
      [POPULARITY_QUEUE, await readyIn(channel, POPULARITY_QUEUE), 0],
      [WEBHOOKS_QUEUE, await readyIn(channel, WEBHOOKS_QUEUE), 0],
      [EVENT_DEAD_LETTERS, await readyIn(channel, EVENT_DEAD_LETTERS), 0],
    );
    const wrong = counts.find(([, count, expected]) => count !== expected);
    return wrong && `${wrong[0]} holds ${wrong[1]} messages, not ${wrong[2]}`;
  });
}

/** The orders that billing holds and has not acknowledged, which RabbitMQ's depth does not include. */
async function heldByBilling(lab: Lab): Promise<number> {
  const response = await fetch(`${urlOf(lab, "billing")}/ledger/outcomes`, {
    method: "POST",
    headers: { authorization: `Bearer ${lab.token}`, "content-type": "application/json" },
    body: JSON.stringify({ ids: [] }),
    signal: AbortSignal.timeout(REQUEST_SECONDS_MAX * 1_000),
  });
  return LedgerAnswer.parse(await response.json()).held;
}

/** Removes the dead letters, because the next fault counts its own. */
async function takeDeadLettersAway(lab: Lab): Promise<void> {
  await withChannel(lab, (channel) => channel.purgeQueue(BILLING_DEAD_LETTERS));
}

/** The API's status of each accepted order, and the longest time that a request took. */
async function statusesOf(
  { gatewayUrl, token, premiumToken }: Lab,
  operations: readonly Operation[],
): Promise<{ statuses: Map<string, string>; slowestSeconds: number }> {
  const statuses = new Map<string, string>();
  let slowestSeconds = 0;
  const placed = operations.flatMap(({ ids, isPremium }) => ids.map((id) => ({ id, isPremium })));
  const deadline = performance.now() + REST_SECONDS * 1_000;
  const statusOf = async ({ id, isPremium }: (typeof placed)[number]): Promise<string> => {
    for (;;) {
      const startedAt = performance.now();
      const response = await fetch(`${gatewayUrl}/api/billing/orders/${id}`, {
        headers: { authorization: `Bearer ${isPremium ? premiumToken : token}` },
        signal: AbortSignal.timeout(REST_SECONDS * 1_000),
      });
      const { status } = Status.parse(await response.json());
      const seconds = (performance.now() - startedAt) / 1_000;
      slowestSeconds = Math.max(slowestSeconds, seconds);
      const isSlow = status === 503 && seconds > SHORTEST_TIMEOUT_SECONDS;
      if (!isSlow || performance.now() > deadline) return status.toString();
    }
  };
  const askers = Array.from({ length: ASKERS }, async () => {
    for (let one = placed.pop(); one !== undefined; one = placed.pop())
      statuses.set(one.id, await statusOf(one));
  });
  await Promise.all(askers);
  return { statuses, slowestSeconds };
}

async function compareBooks(
  lab: Lab,
  operations: readonly Operation[],
  statuses: ReadonlyMap<string, string> = new Map(),
) {
  // The clients of a load use consecutive user ids.
  const [first, last] = [operations[0]?.userId ?? 0, operations.at(-1)?.userId ?? 0];
  const ids = operations.flatMap((operation) => operation.ids);
  const orders = await lab.sql<{ id: string; userId: number; numberOfItems: number; totalAmount: string }[]>`
    SELECT id, user_id AS "userId", number_of_items AS "numberOfItems", total_amount AS "totalAmount"
    FROM orders WHERE user_id BETWEEN ${first} AND ${last + 1_000}`;
  const rejections = await lab.sql<{ id: string }[]>`
    SELECT order_id AS id FROM rejections WHERE order_id = ANY(${ids})`;
  const rejected = new Set(rejections.map(({ id }) => id));
  const verdict = checkBooks({ operations, orders, rejected, statuses });
  return { verdict, recorded: orders.length, rejected: rejected.size };
}
