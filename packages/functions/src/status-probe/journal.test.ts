import { mintOrderId } from "@cloud-design/core/billing/order-id";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type AskPage, readJournal } from "./journal.ts";

const NOON = Date.parse("2026-11-26T12:00:00Z");
const SECOND = 1_000;
const HOUR = 3_600_000;
const NEXT = "page 2";

type Question = Parameters<AskPage>[0];

let asked: Question[];

beforeEach(() => {
  asked = [];
  vi.useFakeTimers({ toFake: ["Date", "performance"], now: NOON });
});

afterEach(() => {
  vi.useRealTimers();
});

const id = mintOrderId(
  { userId: 1, numberOfItems: 1, totalAmount: "1.00" },
  { secret: "a secret of thirty-two characters", owner: "ann" },
);
const orderAt = (timestamp: number) => ({ timestamp, message: JSON.stringify({ order_id: id }) });

/** A CloudWatch stand-in that takes this many seconds for each page. */
function slow(seconds: number, answer: (question: Question) => Awaited<ReturnType<AskPage>>): AskPage {
  return async (question) => {
    asked.push(question);
    vi.advanceTimersByTime(seconds * SECOND);
    return answer(question);
  };
}

test("the last two minutes are read again", async () => {
  const order = orderAt(NOON - SECOND);
  const reading = await readJournal(
    slow(1, ({ endTime }) => ({ events: endTime ? [] : [order] })),
    NOON - 180 * SECOND,
  );
  expect(reading).toEqual({
    acceptances: [{ id, at: NOON - SECOND }],
    readTo: NOON - 120 * SECOND,
    isComplete: true,
  });
});

test("a reading that stops within a piece continues at the last order it found", async () => {
  // Another page for each second of the log, without an end.
  const endless = slow(2, () => ({
    events: [orderAt(NOON - HOUR + asked.length * SECOND)],
    nextToken: "more",
  }));
  const { readTo, isComplete, acceptances } = await readJournal(endless, NOON - HOUR);
  expect(acceptances).toHaveLength(3);
  expect({ readTo, isComplete }).toEqual({ readTo: NOON - HOUR + 3 * SECOND, isComplete: false });
});

test("a reading that stops within the last two minutes reads them again", async () => {
  const order = orderAt(NOON - SECOND);
  const endless = slow(2, () => ({ events: [order], nextToken: "more" }));
  const { readTo, isComplete } = await readJournal(endless, NOON - 180 * SECOND);
  expect({ readTo, isComplete }).toEqual({ readTo: NOON - 120 * SECOND, isComplete: false });
});

test("a long time without orders is read piece by piece, without starting over", async () => {
  const { readTo, isComplete } = await readJournal(
    slow(2, () => ({})),
    NOON - HOUR,
  );
  expect(asked.map(({ startTime = 0, endTime = 0 }) => [startTime, endTime - startTime])).toEqual([
    [NOON - HOUR, 30 * SECOND],
    [NOON - HOUR + 30 * SECOND, 60 * SECOND],
    [NOON - HOUR + 90 * SECOND, 120 * SECOND],
  ]);
  expect({ readTo, isComplete }).toEqual({ readTo: NOON - HOUR + 210 * SECOND, isComplete: false });
});

test("a failed page does not lose the pages before it", async () => {
  const pages = slow(1, ({ nextToken }) => {
    if (nextToken === NEXT) throw new Error("Rate exceeded");
    return { events: [orderAt(NOON - HOUR + SECOND)], nextToken: NEXT };
  });
  const reading = await readJournal(pages, NOON - HOUR);
  expect(asked.map(({ nextToken }) => nextToken)).toEqual([undefined, NEXT]);
  expect(reading).toEqual({
    acceptances: [{ id, at: NOON - HOUR + SECOND }],
    readTo: NOON - HOUR + SECOND,
    isComplete: false,
  });
});

test("a reading rejects when its first page fails", async () => {
  const silent = slow(1, () => {
    throw new Error("Rate exceeded");
  });
  await expect(readJournal(silent, NOON - HOUR)).rejects.toThrow("Rate exceeded");
});

test("a reading stops in time, also when the clock is set back by an hour meanwhile", async () => {
  const endless = slow(2, () => {
    vi.setSystemTime(Date.now() - HOUR);
    if (asked.length > 10) throw new Error("It asks on and on.");
    return { events: [orderAt(NOON - SECOND)], nextToken: "more" };
  });
  const { isComplete } = await readJournal(endless, NOON - HOUR);
  expect([isComplete, asked.length]).toEqual([false, 3]);
});
