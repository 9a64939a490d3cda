import { expect, test } from "vitest";
import { History } from "./history.ts";
import { DAY_MS, dayOf } from "./limits.ts";
import { record } from "./record.ts";
import { check, history, NOON } from "./testing/fixtures.ts";

const today = { date: "2026-11-26", checks: 7, components: {} };

test("counts the checks of a day, and those that did not find a component up", () => {
  const checks = [check({ api: "down" }), check({ api: "degraded" }), check({ api: "down" }), check()];
  expect(checks.reduce(record, { days: [] })).toEqual({
    days: [{ date: "2026-11-26", checks: 4, components: { api: { degraded: 1, down: 2, unknown: 0 } } }],
  });
});

test("begins a day at midnight in UTC", () => {
  const late = record(undefined, check({}, Date.parse("2026-11-26T23:59:59.999Z")));
  const { days } = record(late, check({ api: "down" }, Date.parse("2026-11-27T00:00:00Z")));
  expect(days.map(({ date, checks }) => [date, checks])).toEqual([
    ["2026-11-26", 1],
    ["2026-11-27", 1],
  ]);
});

test("forgets the day that is 90 days old", () => {
  const full = { days: Array.from({ length: 90 }, (_, age) => day(89 - age)) };
  const { days } = record(full, check({}, NOON + DAY_MS));
  expect(days).toHaveLength(90);
  expect(days[0]?.date).toBe(dayOf(NOON - 88 * DAY_MS));
  expect(days.at(-1)).toEqual({ date: "2026-11-27", checks: 1, components: {} });
});

test("keeps the newest 90 days of 10,000 entries", () => {
  const { days } = record({ days: Array.from({ length: 10_000 }, (_, age) => day(age)) }, check());
  expect(History.parse({ days })).toEqual({ days });
  expect(days).toHaveLength(90);
  expect(days.at(-1)).toEqual({ date: "2026-11-26", checks: 6, components: {} });
});

test("merges 10,000 entries of the same day into one", () => {
  const { days } = record({ days: Array.from({ length: 10_000 }, () => today) }, check());
  expect(days).toEqual([{ ...today, checks: 8 }]);
});

test("days in the future do not displace past days", () => {
  const { days } = record(
    { days: [today, ...Array.from({ length: 90 }, (_, age) => day(-1 - age))] },
    check(),
  );
  expect(days).toEqual([{ ...today, checks: 8 }]);
});

test.each([
  ["nothing", undefined],
  ["null", null],
  ["a text", "days"],
  ["a list", [today]],
  ["days that are not a list", { days: today }],
  ["a day that is null", { days: [null] }],
  ["an invalid date", { days: [{ ...today, date: "2026-09-31" }] }],
  ["a time in place of a date", { days: [{ ...today, date: "2026-11-25T00:00:00Z" }] }],
  ["no count", { days: [{ date: today.date }] }],
  ["a count that is negative", { days: [{ ...today, checks: -1 }] }],
  ["a count that is not an integer", { days: [{ ...today, checks: 1.5 }] }],
  ["more checks than a day has seconds", { days: [{ ...today, checks: 86_401 }] }],
])("a history with %s starts again", (_, malformed) => {
  expect(record(malformed, check())).toEqual({ days: [{ ...today, checks: 1 }] });
});

test("drops impossible counts of a component and keeps the others", () => {
  const api = { degraded: 0, down: 3, unknown: 0 };
  const components = { api, inventory: { ...api, down: 8 }, billing: { down: 1 }, unheard: api };
  expect(record({ days: [{ ...today, components }] }, check())).toEqual({
    days: [{ ...today, checks: 8, components: { api } }],
  });
});

test("a day with the most possible checks stays valid", () => {
  const full = { days: [{ ...today, checks: 86_400 }] };
  expect(History.parse(record(full, check({ api: "down" })))).toEqual(full);
});

test("does not change its arguments", () => {
  const given = history();
  record(given, check({ api: "down" }));
  expect(given).toEqual(history());
});

function day(age: number) {
  return { date: dayOf(NOON - age * DAY_MS), checks: 5, components: {} };
}
