import assert from "node:assert/strict";
import { LANE_NAMES, LANES, type Lane } from "@cloud-design/core/billing";
import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import { readyIn } from "@cloud-design/core/broker";
import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";
import { logOf } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { withChannel } from "../queues.ts";
import { until } from "../until.ts";

const STANDARD_WAITING = 2_000;
/** Billing records some of them before the premium orders come. */
const STANDARD_PLACED = 2_500;
const PREMIUM = 50;
/** So many that their lane is never empty while standard orders wait too. */
const PREMIUM_RUSH = 500;
const CLIENTS = 16;
/** A user id of their own, so that no client of the load owns the premium orders. */
const PREMIUM_USER = 8;
/** The time that the table takes for each row: a batch of 250 beside another lane then stays below the `statement_timeout` of 5 s. */
const ROW_SECONDS = 0.008;

const PREMIUM_P95_SECONDS = 2;
const TIMES_FASTER = 10;
const STANDARD_SHARE = 0.1;

export const LANE_FAULTS: readonly Fault[] = [
  {
    name: "premium-first",
    hypothesis: `Behind ${STANDARD_WAITING.toLocaleString("en")} standard orders the p95 of ${PREMIUM} premium ones to their rows is at most ${PREMIUM_P95_SECONDS} s and a tenth of the standard ones'; in a rush of premium orders standard ones keep at least a tenth of the rows.`,
    injection: `the table takes one row in ${ROW_SECONDS * 1_000} ms; ${STANDARD_WAITING.toLocaleString("en")} standard orders wait in RabbitMQ, then ${PREMIUM} premium ones come, then ${PREMIUM_RUSH} more`,
    promises: ["R7"],
    isFast: false,
    needsUsualLoad: true,
    async inject(lab, load) {
      await using _slow = await slowTable(lab);
      const recorded = recordings(lab);
      await pileUp(lab, load);
      const few = await placeAndWait(lab, PREMIUM, recorded);
      const many = await placeAndWait(lab, PREMIUM_RUSH, recorded);
      await until("the backlog is recorded", async () => (await readyStandard(lab)) === 0);
      return judge(few, many, recorded());
    },
  },
];

/** Rows enter the table one at a time, each after a pause, whichever lane they belong to: the share of a lane is billing's doing. */
async function slowTable({ sql }: Lab): Promise<AsyncDisposable> {
  await sql.unsafe(`
    CREATE FUNCTION slow_row() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_lock(8), pg_sleep(${ROW_SECONDS});
      PERFORM pg_advisory_unlock(8);
      RETURN NEW;
    END $$;
    CREATE TRIGGER slow_row BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION slow_row()`);
  return {
    async [Symbol.asyncDispose]() {
      await sql`DROP FUNCTION slow_row CASCADE`;
    },
  };
}

const Line = z.object({
  message: z.literal(LOG_MESSAGES.recorded),
  outcome: z.literal("recorded"),
  time: z.iso.datetime().transform((time) => Date.parse(time)),
  lane: z.enum(LANE_NAMES),
  seconds: z.number(),
});
type Recorded = z.output<typeof Line>;

/** The orders that billing has recorded since now: it logs each after the commit, and rows carry the beginning of their transaction. */
function recordings(lab: Lab): () => Recorded[] {
  const log = logOf(lab, "billing");
  return () =>
    log()
      .split("\n")
      .flatMap((line) => Line.safeParse(parseJson(line)).data ?? []);
}

const readyStandard = (lab: Lab) => withChannel(lab, (channel) => readyIn(channel, LANES.standard.queue));

async function pileUp(lab: Lab, load: Load): Promise<void> {
  await lab.ops("stop", "billing");
  try {
    const placed = load.operations.length;
    await atOnce(async () => {
      while (load.operations.length - placed < STANDARD_PLACED) await load.order();
    });
    await until("the backlog is in RabbitMQ", async () => (await readyStandard(lab)) >= STANDARD_PLACED);
  } finally {
    await lab.ops("start", "billing");
  }
  assert(
    (await readyStandard(lab)) >= STANDARD_WAITING,
    "enough standard orders waited for the premium ones",
  );
}

/** Places premium orders, and resolves once they are recorded with the wall time at which they were placed. */
async function placeAndWait(
  { gatewayUrl, premiumToken }: Lab,
  count: number,
  recorded: () => Recorded[],
): Promise<number> {
  const before = inLane(recorded(), "priority").length;
  // biome-ignore lint/plugin: compared with billing's log, which carries wall time.
  const placedAt = Date.now();
  let left = count;
  await atOnce(async () => {
    while (left-- > 0) await place(gatewayUrl, premiumToken);
  });
  await until(
    "the premium orders are recorded",
    () => inLane(recorded(), "priority").length === before + count,
  );
  return placedAt;
}

async function place(gatewayUrl: string, token: string): Promise<void> {
  const response = await fetch(`${gatewayUrl}/api/billing`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ user_id: PREMIUM_USER, number_of_items: 1, total_amount: "1.00" }),
  });
  assert.equal(response.status, 200, await response.text());
}

function atOnce(client: () => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: CLIENTS }, client));
}

/** `few` and `many` are the times at which the premium orders were placed. */
function judge(few: number, many: number, recorded: readonly Recorded[]): string {
  const premium = inLane(recorded, "priority");
  const p95 = quantile(
    premium.filter(({ time, seconds }) => time - seconds * 1_000 < many).map(({ seconds }) => seconds),
  );
  // Only the time behind which premium orders passed counts, and not the time for which billing was stopped.
  const waited = quantile(
    inLane(recorded, "standard")
      .filter(({ time, seconds }) => time >= few && time - seconds * 1_000 < few)
      .map(({ time }) => (time - few) / 1_000),
  );
  const rushEnds = Math.max(...premium.map(({ time }) => time));
  const rush = recorded.filter(({ time }) => time >= many && time <= rushEnds);
  const share = inLane(rush, "standard").length / rush.length;
  const measured = `p95 of premium ${p95.toFixed(2)} s, of standard ${waited.toFixed(2)} s; in the rush ${(share * 100).toFixed(0)} % of the rows were standard ones`;
  assert(
    p95 <= PREMIUM_P95_SECONDS && p95 * TIMES_FASTER <= waited,
    `premium orders did not overtake: ${measured}`,
  );
  assert(share >= STANDARD_SHARE, `standard orders starved: ${measured}`);
  return measured;
}

function inLane(recorded: readonly Recorded[], lane: Lane): Recorded[] {
  return recorded.filter((one) => one.lane === lane);
}

function quantile(seconds: readonly number[]): number {
  const sorted = seconds.toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
}
