import { expect, test } from "vitest";
import { stageSettings } from "./preset.ts";
import { totalOf } from "./prices.ts";
import { settingsOf } from "./settings.ts";
import { SECONDS_A_MONTH, type Use, usedMonth } from "./usage.ts";

const month = (use: Use, stage = "prod") =>
  new Map(usedMonth(use, stageSettings(stage)).map((line) => [line.part, line]));
const atRate = (perSecond: number) => ({ reads: perSecond * SECONDS_A_MONTH, orders: 0 });

test("no request costs nothing, and each read and order costs something", () => {
  const usd = (use: Use) => totalOf([...month(use).values()]);
  expect(usd({ reads: 0, orders: 0 })).toBe(0);
  expect(usd({ reads: 1, orders: 0 })).toBeGreaterThan(0);
  expect(usd({ reads: 0, orders: 1 })).toBeGreaterThan(usd({ reads: 1, orders: 0 }));
});

test("reads send no message to a queue and write no order", () => {
  const lines = month({ reads: 1_000_000, orders: 0 });
  expect([lines.get("SQS")?.count, lines.get("Orders on disk")?.count]).toEqual([0, 0]);
});

test("API Gateway's price falls behind 300 million requests", () => {
  const usd = (reads: number) => month({ reads, orders: 0 }).get("API Gateway")?.usdMonthly;
  expect(usd(300_000_000)).toBeCloseTo(300);
  expect(usd(400_000_000)).toBeCloseTo(390);
});

test("CloudFront's price for data falls with each tier", () => {
  const each = (reads: number) => {
    const { count = 0, usdMonthly = 0 } = month({ reads, orders: 0 }).get("CloudFront's data") ?? {};
    return usdMonthly / count;
  };
  expect(each(1_000_000)).toBeCloseTo(0.085);
  expect(each(1_000_000_000_000)).toBeLessThan(0.04);
});

test("below a call a second Lambda keeps every trace by itself, and far above it one in twenty", () => {
  const share = (perSecond: number) => {
    const { count = 0 } = month(atRate(perSecond)).get("Traces") ?? {};
    return (count * 1_000_000) / (perSecond * SECONDS_A_MONTH) - settingsOf("hardened").traceShare;
  };
  expect(share(0.5)).toBeCloseTo(1);
  expect(share(10_000)).toBeCloseTo(0.05, 3);
});

test("a stage that keeps every trace pays for each of them", () => {
  const count = (stage: string) => month(atRate(1_000), stage).get("Traces")?.count ?? 0;
  expect(count("dev") / count("prod")).toBeCloseTo(1.051 / 0.151, 1);
});

test("further tasks start when the least ones are at a target, and no more than the most", () => {
  const tasks = (perSecond: number) => month(atRate(perSecond)).get("Further tasks")?.count;
  const { min, max } = settingsOf("hardened").inventoryTasks;
  expect([tasks(1), tasks(1_000_000)]).toEqual([0, max - min]);
  const rates = Array.from({ length: 200 }, (_, index) => tasks(10 * index) ?? 0);
  expect(rates).toEqual(rates.toSorted((one, other) => one - other));
});

test("an order is on the disks of both zones in prod", () => {
  const usd = (stage: string) => month({ reads: 0, orders: 1 }, stage).get("Orders on disk")?.usdMonthly ?? 0;
  expect(usd("prod")).toBeCloseTo(2 * usd("dev"), 12);
});

test("a learner pays for requests to no firewall and to no NAT gateway", () => {
  const busy = { reads: 1_000_000_000, orders: 0 };
  const [learner, standard] = (["learner", "standard"] as const).map(
    (preset) => new Map(usedMonth(busy, settingsOf(preset)).map((line) => [line.part, line])),
  );
  const parts = ["Firewall's requests", "NAT's data"];
  expect(parts.map((part) => standard?.get(part)?.usdMonthly ?? 0)).toEqual([600, expect.any(Number)]);
  expect(parts.map((part) => learner?.has(part))).toEqual([false, false]);
});
