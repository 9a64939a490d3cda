import { asleepMonth } from "@cloud-design/stage/asleep-month";
import { IDLE } from "@cloud-design/stage/bill/idle";
import { HOURS_A_MONTH, totalOf } from "@cloud-design/stage/prices";
import { PRESETS, settingsOf } from "@cloud-design/stage/settings";
import { beforeAll, expect, test } from "vitest";
import { billedByHour, liveMonth, PLANS, type RunningHours } from "./month.ts";

const lives = new Map<string, RunningHours>();
beforeAll(async () => {
  for (const plan of PLANS) lives.set(plan.name, await liveMonth(plan));
});

function lived(name: string): RunningHours {
  const running = lives.get(name);
  if (!running) throw new Error(`There is no plan ${name}.`);
  return running;
}
const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
/** The month begins on a Monday at 08:00. */
const hourAt = (day: number, hour: number) => 24 * day + hour - 8;

test("a stage that never sleeps runs in all of each hour", () => {
  for (const hours of Object.values(lived("awake"))) {
    expect(hours).toHaveLength(HOURS_A_MONTH);
    expect(Math.min(...hours)).toBeCloseTo(1);
  }
});

test("a stage that sleeps each night runs for half of the month, and what falls asleep last the longest", () => {
  const { services, broker, server } = lived("asleep each night");
  expect(services[hourAt(2, 12)]).toBeCloseTo(1);
  expect(services[hourAt(2, 23)]).toBe(0);
  expect(services[hourAt(5, 12)]).toBeCloseTo(1);
  expect(sum(services)).toBeGreaterThan(HOURS_A_MONTH / 2);
  expect(sum(broker)).toBeGreaterThan(sum(services));
  expect(sum(server)).toBeGreaterThan(sum(broker));
  // Half an hour a day is what falling asleep and waking take.
  expect(sum(server)).toBeLessThan(HOURS_A_MONTH / 2 + 31 * 0.6);
});

test("a stage that is woken on workdays sleeps through the weekend", () => {
  const { services } = lived("asleep at nights and weekends");
  expect(services[hourAt(4, 12)]).toBeCloseTo(1);
  expect(services.slice(hourAt(4, 21), hourAt(7, 8))).toEqual(new Array(59).fill(0));
  expect(services[hourAt(7, 12)]).toBeCloseTo(1);
});

test("a server that AWS starts after seven days is stopped again within minutes", () => {
  const { server, services } = lived("asleep");
  const days = [...server.entries()].flatMap(([hour, share]) => (share > 0 ? [Math.round(hour / 24)] : []));
  expect([...new Set(days)]).toEqual([0, 7, 14, 21, 28]);
  expect(sum(server)).toBeLessThan(5 * 0.4);
  expect(sum(services)).toBeLessThan(0.1);
});

test.each(PRESETS)("the bill of %s grows with each hour, and sleep makes it smaller", (preset) => {
  const lines = asleepMonth(IDLE[preset], settingsOf(preset));
  const bills = PLANS.map(({ name }) => billedByHour(lines, lived(name)));
  for (const bill of bills) expect(bill).toEqual(bill.toSorted((one, other) => one - other));
  const totals = bills.map((bill) => bill.at(-1) ?? 0);
  expect(totals[0]).toBeCloseTo(totalOf(IDLE[preset]));
  expect(totals).toEqual(totals.toSorted((one, other) => other - one));
  const asleep = lines.reduce((all, { asleepUsd }) => all + asleepUsd, 0);
  // Two cents for the server that AWS starts.
  expect(totals.at(-1)).toBeGreaterThan(asleep);
  expect(totals.at(-1)).toBeLessThan(asleep + 0.5);
});
