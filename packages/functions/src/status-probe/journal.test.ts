import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type AskPage, readJournal } from "./journal.ts";
import { type LoggedOrder, openCloudWatch, orderIds } from "./testing/cloud-watch.ts";

const NOON = Date.parse("2026-11-26T12:00:00Z");
const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

/** So many orders a second, evenly, between these seconds before noon. */
function ordersAt(perSecond: number, fromSeconds: number, toSeconds = 0): LoggedOrder[] {
  const ids = orderIds((fromSeconds - toSeconds) * perSecond);
  return ids.map((id, index) => ({
    id,
    at: NOON - fromSeconds * SECOND + Math.floor((index * SECOND) / perSecond),
  }));
}

/** All waits pass at once. */
async function read(askPage: AskPage, from: number, linesMax = Number.POSITIVE_INFINITY) {
  const reading = readJournal(askPage, from, linesMax);
  await vi.runAllTimersAsync();
  return reading;
}

const logged = (orders: readonly LoggedOrder[]) => orders.map(({ id, at }) => ({ id, at }));

test("reads to the end of the log, and begins two minutes before it the next time", async () => {
  const orders = ordersAt(1, 180);
  expect(await read(openCloudWatch(orders).askPage, NOON - 180 * SECOND)).toEqual({
    acceptances: logged(orders),
    readTo: NOON - 120 * SECOND,
    isComplete: true,
    isCurrent: true,
  });
});

test.each([
  [300, true],
  [400, false],
])("at %d orders/s, reading the last two minutes ahead is %s", async (perSecond, isAhead) => {
  const orders = ordersAt(perSecond, 180);
  const { acceptances, ...reading } = await read(openCloudWatch(orders).askPage, NOON - 180 * SECOND);
  expect(reading).toEqual({ readTo: NOON - 120 * SECOND, isComplete: true, isCurrent: isAhead });
  expect(acceptances).toEqual(logged(isAhead ? orders : orders.slice(0, 60 * perSecond)));
});

test("a surge in the last two minutes is not read ahead to its end", async () => {
  const orders = [...ordersAt(1, 180, 100), ...ordersAt(1_000, 100)];
  const { acceptances, ...reading } = await read(openCloudWatch(orders).askPage, NOON - 180 * SECOND);
  expect(reading).toEqual({ readTo: NOON - 120 * SECOND, isComplete: true, isCurrent: false });
  expect(acceptances.length).toBeLessThan(60_000);
});

test("reads a minute of 1,000 orders/s under the smallest quota of any region, each line once", async () => {
  const orders = ordersAt(1_000, 180);
  const cloudWatch = openCloudWatch(orders, { perSecond: 5 });
  const { acceptances, isComplete } = await read(cloudWatch.askPage, NOON - 180 * SECOND);
  expect(isComplete).toBe(true);
  expect(acceptances).toEqual(logged(orders.slice(0, 60_000)));
  expect(cloudWatch.used.throttled).toBeGreaterThan(0);
});

test("a reading that is throttled all the time ends after 20 s, at its beginning", async () => {
  const startedAt = performance.now();
  const { askPage } = openCloudWatch(ordersAt(1, 180), { perSecond: 0 });
  const reading = await read(askPage, NOON - 180 * SECOND);
  expect(reading).toEqual({
    acceptances: [],
    readTo: NOON - 180 * SECOND,
    isComplete: false,
    isCurrent: false,
  });
  expect(performance.now() - startedAt).toBeLessThanOrEqual(20 * SECOND);
});

test("a CloudWatch that is away is asked once", async () => {
  const askPage = vi.fn<AskPage>(() => Promise.reject(new Error("connect ECONNREFUSED")));
  const from = NOON - HOUR;
  expect(await read(askPage, from)).toEqual({
    acceptances: [],
    readTo: from,
    isComplete: false,
    isCurrent: false,
  });
  expect(askPage).toHaveBeenCalledTimes(1);
});

test("a reading whose last two minutes fail is incomplete, and keeps what is before them", async () => {
  const orders = ordersAt(1, 180);
  const { askPage } = openCloudWatch(orders);
  const flaky: AskPage = async (question) => {
    if (Number(question.startTime) >= NOON - 120 * SECOND) throw new Error("socket hang up");
    return askPage(question);
  };
  expect(await read(flaky, NOON - 180 * SECOND)).toEqual({
    acceptances: logged(orders.slice(0, 60)),
    readTo: NOON - 120 * SECOND,
    isComplete: false,
    isCurrent: false,
  });
});

test("whichever page fails, the next reading continues without a gap", async () => {
  const orders = ordersAt(350, 180, 120);
  for (let failing = 1; ; failing++) {
    const { askPage } = openCloudWatch(orders);
    let calls = 0;
    const flaky: AskPage = async (question) => {
      calls++;
      if (calls === failing) throw new Error("socket hang up");
      return askPage(question);
    };
    const first = await read(flaky, NOON - 180 * SECOND);
    vi.setSystemTime(NOON);
    if (calls < failing) {
      expect(failing).toBeGreaterThan(10);
      break;
    }
    const second = await read(askPage, first.readTo);
    vi.setSystemTime(NOON);
    const found = [...first.acceptances, ...second.acceptances].map(({ id }) => id);
    expect(new Set(found)).toEqual(new Set(orders.map(({ id }) => id)));
    // Only the line at the gap is read again.
    expect(found.length - orders.length).toBeLessThanOrEqual(1);
  }
});

test("stops soon after as many lines as it may read, without a gap", async () => {
  const orders = ordersAt(1_000, 240, 120);
  const { askPage } = openCloudWatch(orders);
  const { acceptances, readTo, isComplete } = await read(askPage, NOON - 240 * SECOND, 30_000);
  expect(isComplete).toBe(false);
  expect(acceptances).toEqual(logged(orders.slice(0, acceptances.length)));
  expect(acceptances.length).toBeGreaterThan(15_000);
  expect(acceptances.length).toBeLessThan(45_000);
  expect(readTo).toBeLessThanOrEqual((acceptances.at(-1)?.at ?? 0) + SECOND);
});

test("a day without orders is read at once", async () => {
  const { askPage, used } = openCloudWatch([]);
  expect(await read(askPage, NOON - 24 * HOUR)).toMatchObject({ isComplete: true, isCurrent: true });
  expect(used.calls).toBeLessThan(80);
});

test("an order whose instance has a clock ahead of ours is found", async () => {
  const early = { id: orderIds(1)[0] ?? "", at: NOON + 3 * SECOND, arrivesAt: NOON };
  const { acceptances } = await read(openCloudWatch([early]).askPage, NOON - MINUTE);
  expect(acceptances).toEqual(logged([early]));
});

test("asks for the earliest time first, and alone", async () => {
  const asked: (number | undefined)[] = [];
  const { askPage } = openCloudWatch(ordersAt(1, 180));
  const reading = readJournal(
    (question) => {
      asked.push(question.startTime);
      return askPage(question);
    },
    NOON - 180 * SECOND,
    Number.POSITIVE_INFINITY,
  );
  expect(asked).toEqual([NOON - 180 * SECOND]);
  await vi.runAllTimersAsync();
  expect(Math.min(...asked.map(Number))).toBe(NOON - 180 * SECOND);
  await reading;
});

test("a reading stops in time, also when the clock is set back by an hour meanwhile", async () => {
  let calls = 0;
  const endless: AskPage = async () => {
    if (++calls > 50) throw new Error("It asks on and on.");
    await new Promise((resolve) => setTimeout(resolve, 2 * SECOND));
    vi.setSystemTime(Date.now() - HOUR);
    return { events: [], nextToken: "more" };
  };
  const { isComplete } = await read(endless, NOON - HOUR);
  expect([isComplete, calls]).toEqual([false, 10]);
});
