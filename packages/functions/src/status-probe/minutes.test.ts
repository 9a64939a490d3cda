import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type AuditDependencies, audit } from "./audit.ts";
import { type Counted, figures, logLine } from "./figures.ts";
import { readJournal } from "./journal.ts";
import { beginLedger, Ledger } from "./ledger.ts";
import { type CloudWatch, type LoggedOrder, openCloudWatch, orderIds } from "./testing/cloud-watch.ts";

const NOON = Date.parse("2026-11-26T12:00:00Z");
const SECOND = 1_000;
const MINUTE = 60_000;
const SETTLE_SECONDS = 180;
/** From acceptance to the row. */
const RECORD_MS = 2 * SECOND;
const LOAD_MINUTES = 4;
/** Two minutes of it are not read ahead. */
const BUSY = 350;
const IDS = orderIds(LOAD_MINUTES * 60 * BUSY);

interface Scene {
  orders: LoggedOrder[];
  /** These have no row and no message. */
  lost: Set<string>;
  cloudWatch: (minute: number) => CloudWatch["askPage"];
  isSilent: (minute: number) => boolean;
  /** How the state of one run passes to the next. */
  run: (minute: number, before: Ledger) => Promise<Found>;
}
type Found = { ledger: Ledger; counted: Counted };

beforeEach(() => {
  vi.useFakeTimers({ now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Orders for four minutes, of which one is lost in the third; each is in a queue until it is recorded. */
function sceneAt(perSecond: number): Scene {
  const orders = IDS.slice(0, LOAD_MINUTES * 60 * perSecond).map((id, index) => ({
    id,
    at: NOON + Math.floor((index * SECOND) / perSecond),
  }));
  const lost = new Set([orders[Math.floor(orders.length * 0.6)]?.id ?? ""]);
  const whole = openCloudWatch(orders);
  const scene: Scene = {
    orders,
    lost,
    cloudWatch: () => whole.askPage,
    isSilent: () => false,
    run: (minute, before) => {
      deps ??= depsOf(scene);
      return audit(deps(minute), before);
    },
  };
  let deps: ReturnType<typeof depsOf> | undefined;
  return scene;
}

function depsOf({ orders, lost, cloudWatch, isSilent }: Scene): (minute: number) => AuditDependencies {
  const acceptedAt = new Map(orders.toReversed().map(({ id, at }) => [id, at]));
  const isRecorded = (id: string) => !lost.has(id) && (acceptedAt.get(id) ?? 0) + RECORD_MS <= Date.now();
  const waiting = () => {
    const young = orders.filter(({ at }) => at <= Date.now() && at + RECORD_MS > Date.now());
    return young.filter(({ id }) => !lost.has(id) && !isRecorded(id)).length;
  };
  return (minute) => ({
    journal: { read: (from, linesMax) => readJournal(cloudWatch(minute), from, linesMax) },
    countDeadLetters: async () => 0,
    countInSqs: async () => ({ standard: 0, priority: 0 }),
    countInBroker: async () => ({ ready: { standard: waiting(), priority: 0 }, consumers: 1 }),
    async askBilling(ids) {
      if (isSilent(minute)) throw new Error("connect ETIMEDOUT");
      return { recorded: ids.filter(isRecorded), rejected: [], held: 0, holder: "one" };
    },
    settleSeconds: SETTLE_SECONDS,
  });
}

/** A run each minute, until three minutes after the last order has left the part of the log that is read again. */
async function play(scene: Scene): Promise<{ found: Found[]; last: Found }> {
  let ledger = beginLedger(NOON);
  const found: Found[] = [];
  for (let minute = 1; minute <= LOAD_MINUTES + 5; minute++) {
    vi.setSystemTime(NOON + minute * MINUTE);
    const running = scene.run(minute, ledger);
    await vi.runAllTimersAsync();
    const run = await running;
    // As the bucket keeps it.
    ledger = Ledger.parse(JSON.parse(JSON.stringify(run.ledger)));
    found.push(run);
  }
  const last = found.at(-1);
  if (!last) throw new Error("There was no run.");
  return { found, last };
}

/** Each order was entered, all but the lost ones are struck, and these are named. */
function expectBalance({ orders, lost }: Scene, { ledger, counted }: Found, twice = 0): void {
  const ids = new Set(orders.map(({ id }) => id));
  expect(new Set(Object.keys(ledger.open))).toEqual(lost);
  expect([ledger.accepted, ledger.recorded]).toEqual([ids.size + twice, ids.size - lost.size + twice]);
  const now = figures(ledger, counted, SETTLE_SECONDS);
  expect(now).toMatchObject({ waiting: 0, ledger: { inFlight: 0, unaccounted: lost.size } });
  expect(logLine(ledger, counted, now, SETTLE_SECONDS).late).toEqual([...lost]);
}

describe.each([5, BUSY])("at %d orders/s the balance is exact and the lost order is named", (perSecond) => {
  let scene: Scene;

  beforeEach(() => {
    scene = sceneAt(perSecond);
  });

  const sort = () => scene.orders.sort((a, b) => a.at - b.at);

  test("in the first run that is three minutes younger than it", async () => {
    const { found, last } = await play(scene);
    expectBalance(scene, last);
    const unaccounted = found.map(
      ({ ledger, counted }) => figures(ledger, counted, SETTLE_SECONDS).ledger.unaccounted,
    );
    // It was accepted at 2.4 minutes. While other orders are in the queue, each of their messages may be its own.
    expect(unaccounted).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1]);
  });

  test("when lines come two minutes late", async () => {
    for (const order of scene.orders) {
      if (Number(order.at) % 7 === 0) order.arrivesAt = order.at + 2 * MINUTE - SECOND;
    }
    expectBalance(scene, (await play(scene)).last);
  });

  test("when the lost order is repeated and others come twice in a minute", async () => {
    const some = scene.orders.filter(({ id }, index) => index % 9 === 0 || scene.lost.has(id));
    scene.orders.push(...some.map(({ id, at }) => ({ id, at: at + 20 * SECOND })));
    sort();
    const { last } = await play(scene);
    const settledBetween = last.ledger.accepted - new Set(scene.orders.map(({ id }) => id)).size;
    // A quiet log is read again, so a repeat is known. In a busy one it counts again, on both sides.
    if (perSecond === 5) expect(settledBetween).toBe(0);
    expectBalance(scene, last, settledBetween);
  });

  test("when the clocks of instances differ by seconds", async () => {
    scene.orders.forEach((order, index) => {
      const skew = ((index % 9) - 4) * SECOND;
      order.arrivesAt = order.at + SECOND;
      order.at = Math.max(NOON, order.at + skew);
    });
    sort();
    expectBalance(scene, (await play(scene)).last);
  });

  test("when CloudWatch refuses or fails every third page for three minutes", async () => {
    const { cloudWatch } = scene;
    let calls = 0;
    scene.cloudWatch = (minute) => async (question) => {
      const isBad = minute >= 3 && minute <= 5 && ++calls % 3 === 0;
      if (isBad && calls % 2 === 0) throw new Error("socket hang up");
      if (isBad) throw Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
      return cloudWatch(minute)(question);
    };
    expectBalance(scene, (await play(scene)).last);
  });

  test("when a run dies before it has written its state", async () => {
    const { run } = scene;
    scene.run = async (minute, before) => {
      const found = await run(minute, before);
      return minute === 3 ? { ...found, ledger: before } : found;
    };
    expectBalance(scene, (await play(scene)).last);
  });

  test("when two runs happen at once and the slower one writes last", async () => {
    const { run } = scene;
    scene.run = async (minute, before) => {
      const both = await Promise.all([run(minute, before), run(minute, before)]);
      return both[minute % 2] ?? both[0];
    };
    expectBalance(scene, (await play(scene)).last);
  });

  test("when billing is silent for three minutes, in which there is no verdict", async () => {
    scene.isSilent = (minute) => minute >= 3 && minute <= 5;
    const { found, last } = await play(scene);
    expectBalance(scene, last);
    const { ledger, counted } = found[3] ?? last;
    expect(figures(ledger, counted, SETTLE_SECONDS).ledger).not.toHaveProperty("unaccounted");
  });
});
