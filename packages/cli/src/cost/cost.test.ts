import type { BillLine } from "@cloud-design/stage/bill/bill";
import { IDLE } from "@cloud-design/stage/bill/idle";
import type { Bills } from "@cloud-design/stage/bill/switches";
import { totalOf } from "@cloud-design/stage/prices";
import { PRESETS, settingsOf } from "@cloud-design/stage/settings";
import { usedMonth } from "@cloud-design/stage/usage";
import { describe, expect, it } from "vitest";
import { billsAt, difference, markdown } from "./markdown.ts";
import { json, report } from "./report.ts";
import { billRows } from "./rows.ts";

const USE = { reads: 5_000_000, orders: 100_000 };
const fewer: Bills = {
  ...IDLE,
  hardened: IDLE.hardened.filter(({ part }) => part !== "RDS Proxy"),
};

describe("the report", () => {
  it("prints aligned columns, with figures aligned right, of all presets beside each other", () => {
    const [header = "", ...rows] = report(IDLE, { presets: PRESETS }).split("\n\n", 1).join().split("\n");
    for (const preset of PRESETS) expect(header).toContain(preset);
    // A second unit of one preset alone leaves the end of its row empty.
    const ended = rows.filter((row) => !row.startsWith(" "));
    expect(new Set(ended.map((row) => row.length))).toEqual(new Set([header.length]));
    expect(rows.find((row) => row.startsWith("total"))).toMatch(/^total( +\d+\.\d\d){3}$/);
  });

  it("shows one preset when it is named", () => {
    const text = report(IDLE, { presets: ["standard"] });
    expect(text).toMatch(/^part +standard +USD$/m);
    expect(text).toMatch(/^RabbitMQ +1 x mq\.m7g\.medium +99\.79$/m);
    expect(text).not.toContain("hardened");
  });

  it("names the five largest lines, what switches save, and what a year's commitment saves", () => {
    const text = report(IDLE, { presets: PRESETS });
    expect(text).toMatch(/^ {2}hardened +RabbitMQ 599, NAT \d+, PostgreSQL 93, RDS Proxy 44, Services 34$/m);
    expect(text).toMatch(/^ {2}hasProxy +off +- +21\.90 +43\.80 +it keeps connections/m);
    expect(text).toMatch(/^ {2}Reserved instances of RDS +hardened +93\.44 +751 +30\.84 +9 months$/m);
  });

  it("adds a month's requests line by line, and the price of 1,000 orders with their share of the month", () => {
    const text = report(IDLE, { presets: ["hardened"], use: USE });
    expect(text).toMatch(/^API Gateway +5\.1 x million requests +5\.10$/m);
    const total = totalOf(IDLE.hardened) + totalOf(usedMonth(USE, settingsOf("hardened")));
    expect(text).toContain(`all included: hardened $${(total / 100).toFixed(2)}.`);
    expect(text).toContain(
      "A month of 5,000,000 reads and 100,000 orders, evenly spread, on demand in us-east-1",
    );
  });
});

it("the object for programs adds up, without and with requests", () => {
  const idle = JSON.parse(json(IDLE, { presets: PRESETS }));
  const busy = JSON.parse(json(IDLE, { presets: PRESETS, use: USE }));
  for (const preset of PRESETS) {
    const { lines, usdMonthly } = busy[preset];
    expect(totalOf(lines)).toBeCloseTo(usdMonthly);
    expect(lines.slice(0, idle[preset].lines.length)).toEqual(idle[preset].lines);
    expect(lines.slice(idle[preset].lines.length)).toEqual(
      JSON.parse(JSON.stringify(usedMonth(USE, settingsOf(preset)))),
    );
  }
});

it("a part that only one preset has stands between its neighbours there, and a part with two units in two rows", () => {
  const line = (part: BillLine["part"], unit = "thing"): BillLine => ({
    part,
    unit,
    count: 1,
    usdMonthly: 1,
    service: "S",
  });
  const bills: Bills = {
    learner: [line("RabbitMQ"), line("Files"), line("Logs")],
    standard: [],
    hardened: [line("RabbitMQ"), line("NAT", "a"), line("NAT", "b"), line("Keys"), line("Logs")],
  };
  const rows = billRows(bills, ["learner", "hardened"]);
  expect(rows.slice(1, 7).map(([part, ours, , theirs]) => [part, ours, theirs])).toEqual([
    ["RabbitMQ", "1 x thing", "1 x thing"],
    ["Files", "1 x thing", "-"],
    ["NAT", "-", "1 x a"],
    ["", "", "1 x b"],
    ["Keys", "-", "1 x thing"],
    ["Logs", "1 x thing", "1 x thing"],
  ]);
});

describe("a comment for a pull request", () => {
  it("has nothing to say where no line changes", async () => {
    expect(await difference(IDLE, IDLE)).toBeUndefined();
  });

  it("lists only the changed lines, with both totals", async () => {
    const text = (await difference(IDLE, fewer)) ?? "";
    expect(text).toContain("| hardened | RDS Proxy | 2 x proxy of 2 vCPU | - | -43.80 |");
    expect(text).toMatch(/^\| hardened \| \d+\.\d\d \| \d+\.\d\d \| -43\.80 \|$/m);
    expect(text).toMatch(/^\| standard \| (\d+\.\d\d) \| \1 \| \+0\.00 \|$/m);
    expect(text).not.toContain("RabbitMQ");
    expect(await difference(fewer, IDLE)).toContain(
      "| hardened | RDS Proxy | - | 2 x proxy of 2 vCPU | +43.80 |",
    );
  });

  it("refuses a revision without a bill in one sentence", async () => {
    await expect(billsAt("no-such-revision")).rejects.toThrow(
      "--against no-such-revision: that revision is unknown",
    );
  });

  it("can be the whole table", async () => {
    expect(await markdown(IDLE, { presets: ["learner"] })).toMatch(
      /^\| part \| learner \| USD \|\n\| --- \| --- \| --- \|\n/,
    );
  });
});
