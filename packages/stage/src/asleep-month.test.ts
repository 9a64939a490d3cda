import { expect, test } from "vitest";
import { asleepMonth } from "./asleep-month.ts";
import type { Part } from "./bill/charge.ts";
import { IDLE } from "./bill/idle.ts";
import { PRESETS, settingsOf } from "./settings.ts";

const lineOf = (part: Part, usdMonthly: number, unit = "unit") => ({ part, unit, usdMonthly });
const asleep = (preset: "learner" | "standard", ...lines: ReturnType<typeof lineOf>[]) =>
  Object.fromEntries(asleepMonth(lines, settingsOf(preset)).map(({ part, asleepUsd }) => [part, asleepUsd]));

test("what AWS keeps up is billed asleep as awake, and what is our own stops", () => {
  const lines = [lineOf("NAT", 7), lineOf("RabbitMQ", 99), lineOf("Balancer", 16), lineOf("PostgreSQL", 11)];
  expect(asleep("learner", ...lines)).toEqual({ NAT: 0, RabbitMQ: 0, Balancer: 16, PostgreSQL: 0 });
  expect(asleep("standard", ...lines)).toEqual({ NAT: 7, RabbitMQ: 99, Balancer: 16, PostgreSQL: 0 });
});

test("a stopped instance keeps its disk", () => {
  expect(asleep("learner", lineOf("NAT", 0.64, "GB of disk"))).toEqual({ NAT: 0.64 });
});

test.each(PRESETS)("no line of %s costs more asleep than awake, and each says why", (preset) => {
  const lines = asleepMonth(IDLE[preset], settingsOf(preset));
  expect(lines.length).toBeGreaterThan(10);
  for (const { awakeUsd, asleepUsd, because } of lines) {
    expect([0, awakeUsd]).toContain(asleepUsd);
    expect(because).not.toBe("");
  }
});
