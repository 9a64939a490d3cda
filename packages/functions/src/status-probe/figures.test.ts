import { describe, expect, test } from "vitest";
import { type Counted, figures, logLine, settleSecondsOf, stalledChecks } from "./figures.ts";
import { beginLedger, enter, type Ledger } from "./ledger.ts";

const NOON = Date.parse("2026-11-26T12:00:00Z");
const SETTLE_SECONDS = 30;
const COUNTED: Counted = {
  at: NOON,
  isJournalRead: true,
  isCurrent: true,
  inDeadLetters: 0,
  inSqs: 0,
  inBroker: 0,
  queued: undefined,
  consumers: 1,
  isAsked: true,
  held: 0,
};

/** A ledger of three settled orders and one open order of each age in seconds. */
function ledgerOf(...ages: number[]) {
  const acceptances = ages.map((age, index) => ({ id: `order ${index}`, at: NOON - age * 1_000 }));
  const open = enter(beginLedger(0), { acceptances, readTo: NOON, isComplete: true, isCurrent: true });
  return { ...open, accepted: ages.length + 3, recorded: 2, rejected: 1 };
}

const found = (ages: number[], counted: Partial<Counted> = {}) =>
  figures(ledgerOf(...ages), { ...COUNTED, ...counted }, SETTLE_SECONDS);
/** The figures in flight and unaccounted. */
const balance = (ages: number[], counted: Partial<Counted> = {}) => {
  const { inFlight, unaccounted } = found(ages, counted).ledger;
  return [inFlight, unaccounted];
};

test("at rest, accepted equals recorded plus rejected", () => {
  expect(found([])).toEqual({
    waiting: 0,
    oldestSeconds: 0,
    ledger: {
      since: "1970-01-01T00:00:00.000Z",
      accepted: 3,
      recorded: 2,
      rejected: 1,
      inFlight: 0,
      unaccounted: 0,
    },
  });
});

test("an order that is found in no place is unaccounted for once it is late, and not before", () => {
  expect(balance([30])).toEqual([1, 0]);
  expect(balance([31])).toEqual([0, 1]);
  expect(balance([31, 2])).toEqual([1, 1]);
  // It does not count as waiting either, since it will not be recorded.
  expect(found([31, 2])).toMatchObject({ waiting: 1, oldestSeconds: 2 });
});

test.each<[string, Partial<Counted>]>([
  ["SQS", { inSqs: 1 }],
  ["SQS's dead letters", { inDeadLetters: 1 }],
  ["billing_queue", { inBroker: 1 }],
  ["billing's hands", { held: 1 }],
])("a late order that may be in %s is accounted for", (_, counted) => {
  expect(balance([900], counted)).toEqual([1, 0]);
  expect(balance([900, 900], counted)).toEqual([1, 1]);
});

test("the messages of young orders do not account for a late one", () => {
  expect(balance([900, 20, 20, 20], { inSqs: 2, inBroker: 1 })).toEqual([3, 1]);
  expect(balance([900, 20, 20, 20], { inSqs: 2, inBroker: 1, held: 1 })).toEqual([4, 0]);
  expect(balance([900, 20, 20, 20], { inSqs: 1 })).toEqual([3, 1]);
  // These are a few seconds old and may not be counted yet: a growing backlog must not make an order missing.
  expect(balance([900, 20, 1, 1], { inSqs: 2 })).toEqual([4, 0]);
});

test("foreign messages and messages counted twice do not make unaccounted negative", () => {
  expect(balance([], { inBroker: 7 })).toEqual([0, 0]);
  expect(balance([900], { inSqs: 3, held: 3 })).toEqual([1, 0]);
});

test.each<[string, Partial<Counted>]>([
  ["the end of the journal", { isJournalRead: false }],
  ["SQS", { inSqs: undefined }],
  ["SQS's dead letters", { inDeadLetters: undefined }],
  ["RabbitMQ", { inBroker: undefined }],
  ["billing", { isAsked: false }],
  ["one of billing's processes", { held: undefined }],
])("without %s the figures are absent", (_, counted) => {
  expect(balance([900], counted)).toEqual([undefined, undefined]);
});

test("the age of the oldest waiting order is exact to the second", () => {
  expect(found([4, 90, 12], { inSqs: 3 })).toMatchObject({ waiting: 3, oldestSeconds: 90 });
});

test("a partly read journal makes waiting a lower bound", () => {
  expect(found([4], { isJournalRead: false })).toMatchObject({
    waiting: 1,
    isLowerBound: true,
    oldestSeconds: 4,
  });
});

test("while billing is silent and may hold orders, waiting is an upper bound", () => {
  const { oldestSeconds, ...known } = found([90, 4], { isAsked: false });
  expect(known).toMatchObject({ waiting: 2, isUpperBound: true });
  expect(oldestSeconds).toBeUndefined();
  expect(found([], { isAsked: false })).toMatchObject({ waiting: 0, oldestSeconds: 0 });
  expect(found([], { isAsked: false })).not.toHaveProperty("isUpperBound");
});

test("without a consumer, the waiting orders are the newest ones, as many as the queues hold", () => {
  const dead = { isAsked: false, consumers: 0, inBroker: 1, inSqs: 1 };
  expect(found([90, 4, 12], dead)).toMatchObject({ waiting: 2, oldestSeconds: 12 });
  expect(found([90, 4, 12], dead)).not.toHaveProperty("isUpperBound");
  expect(found([90, 4, 12], { ...dead, inSqs: undefined })).toMatchObject({ waiting: 3, isUpperBound: true });
});

describe("when the last two minutes were too much to be read", () => {
  const behind = { isCurrent: false, inSqs: 40, inBroker: 30, held: 5 };

  test("the verdict stands, and at most as many orders wait as there are messages", () => {
    expect(balance([900], { ...behind, inSqs: 0, inBroker: 0, held: 0 })).toEqual([0, 1]);
    expect(balance([130, 140], behind)).toEqual([2, 0]);
    expect(found([130, 140], behind)).toMatchObject({ waiting: 75, isUpperBound: true, oldestSeconds: 140 });
    expect(found([], behind)).not.toHaveProperty("oldestSeconds");
  });

  test("the verdict does without a process of billing as long as the queues hold enough messages", () => {
    expect(balance([130, 900], { ...behind, held: undefined })).toEqual([2, 0]);
    expect(balance([900], { isCurrent: false, held: undefined })).toEqual([undefined, undefined]);
  });

  test("no order waits when there is no message", () => {
    const { waiting, isUpperBound, oldestSeconds } = found([], { isCurrent: false });
    expect([waiting, isUpperBound, oldestSeconds]).toEqual([0, undefined, 0]);
  });

  test("the messages that could be counted are a lower bound", () => {
    const silent = { ...behind, isAsked: false, held: undefined };
    expect(found([130], silent)).toMatchObject({ waiting: 70, isLowerBound: true });
    expect(found([130], { ...behind, inSqs: undefined })).toMatchObject({ waiting: 5, isLowerBound: true });
  });
});

test("the log names at most ten late orders, and only when one is missing", () => {
  const line = (ages: number[], counted: Partial<Counted> = {}) => {
    const [ledger, all] = [ledgerOf(...ages), { ...COUNTED, ...counted }];
    return logLine(ledger, all, figures(ledger, all, SETTLE_SECONDS), SETTLE_SECONDS);
  };
  expect(line([900, 4])).toMatchObject({ unaccounted: 1, in_flight: 1, late: ["order 0"] });
  expect(line([900], { inSqs: 1 })).not.toHaveProperty("late");
  expect(line(Array(20).fill(900)).late).toHaveLength(10);
});

test.each([
  [5, 30],
  [60, 180],
])("with a check every %d s an order is late after %d s", (interval, seconds) => {
  expect(settleSecondsOf(interval)).toBe(seconds);
});

test.each<[string, Partial<Counted>, Partial<Ledger>, number]>([
  ["waits in RabbitMQ", { inBroker: 1 }, {}, 2],
  ["is held by a process that settles nothing", { held: 1 }, {}, 2],
  ["waits while others are recorded", { inBroker: 1 }, { recorded: 3 }, 0],
  ["waits while others are rejected", { inBroker: 1 }, { rejected: 2 }, 0],
  ["waits in SQS alone", { inSqs: 1 }, {}, 0],
  ["was given up by SQS", { inDeadLetters: 1 }, {}, 0],
  ["is new", { inBroker: 1 }, { open: { new: NOON } }, 0],
  ["may be recorded, which billing did not say", { isAsked: false, held: undefined }, {}, 1],
  // A consumer that reconnects in a loop takes the order and gives it back: at the time of each count neither RabbitMQ
  // nor billing may have it.
  ["moved back and forth while it was counted", {}, {}, 1],
  ["may be held by a task that did not answer", { held: undefined }, {}, 1],
  ["may be in RabbitMQ, which did not answer", { inBroker: undefined }, {}, 1],
  ["may be in SQS, which did not answer", { inSqs: undefined }, {}, 1],
])("a check with an order that %s", (_, counted, after, expected) => {
  const before = { ...ledgerOf(90), stalledChecks: 1 };
  expect(stalledChecks(before, { ...before, ...after }, { ...COUNTED, ...counted })).toBe(expected);
});

test("an order that is found in no place does not make billing look stalled", () => {
  const ledger = ledgerOf(900);
  expect(stalledChecks(ledger, ledger, COUNTED)).toBe(0);
});
