import { readFileSync } from "node:fs";
import { join } from "node:path";
import { markdownTable } from "@cloud-design/lab/page";
import { ROOT } from "@cloud-design/local/platform/settings";
import { LIST_BYTES, LOG_EVENT_BYTES, LOGS } from "@cloud-design/stage/measured";
import { stageSettings } from "@cloud-design/stage/preset";
import { idleMonth, PER_USE, TIERS, totalOf } from "@cloud-design/stage/prices";
import { settingsOf } from "@cloud-design/stage/settings";
import { usedMonth } from "@cloud-design/stage/usage";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { billRows, loadRows, run } from "./cost.ts";

let printed: string;

beforeEach(() => {
  printed = "";
  vi.spyOn(console, "log").mockImplementation((text) => {
    printed += `${text}\n`;
  });
});
afterEach(() => vi.restoreAllMocks());

describe("npm run cost", () => {
  it("adds up what it lists, for each stage", async () => {
    await run(["--json"]);
    const bills: Record<string, { usdMonthly: number; lines: { usdMonthly: number }[] }> =
      JSON.parse(printed);
    expect(Object.keys(bills)).toEqual(["dev", "prod"]);
    for (const { usdMonthly, lines } of Object.values(bills)) {
      expect(lines.reduce((sum, line) => sum + line.usdMonthly, 0)).toBeCloseTo(usdMonthly);
    }
  });

  it("prints aligned columns, with figures aligned right", async () => {
    await run([]);
    const [header = "", ...rows] = printed.split("\n\n", 1).join().split("\n");
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([header.length]));
    expect(
      rows
        .map((row) => row.indexOf(" x "))
        .filter((at) => at > 0)
        .every((at) => at > header.indexOf("dev")),
    ).toBe(true);
    expect(rows.at(-1)).toMatch(/^total +\d+\.\d\d +\d+\.\d\d$/);
  });

  it("shows one stage when it is named, and every name but prod means the small settings", async () => {
    await run(["--stage", "pr-7"]);
    expect(printed).toMatch(/^part +pr-7 +USD$/m);
    expect(printed).toMatch(/^RabbitMQ +1 x mq\.m7g\.medium +99\.79$/m);
    expect(printed).not.toContain("prod");
  });

  it("adds a month's requests to the idle month, line by line", async () => {
    await run(["--json"]);
    const idle = JSON.parse(printed);
    printed = "";
    await run(["--reads", "5000000", "--orders", "100000", "--json"]);
    const busy = JSON.parse(printed);
    for (const stage of ["dev", "prod"]) {
      const added = busy[stage].lines.slice(idle[stage].lines.length);
      expect(busy[stage].lines.slice(0, idle[stage].lines.length)).toEqual(idle[stage].lines);
      expect(added).toEqual(usedMonth({ reads: 5_000_000, orders: 100_000 }, stageSettings(stage)));
      expect(totalOf(added)).toBeCloseTo(busy[stage].usdMonthly - idle[stage].usdMonthly);
    }
  });

  it("counts orders alone where no reads are given, and says which month it shows", async () => {
    await run(["--stage", "prod", "--orders", "1000000"]);
    expect(printed).toMatch(/^API Gateway +1 x million requests +1\.00$/m);
    expect(printed).toMatch(/^SQS +3 x million calls +1\.20$/m);
    expect(printed).toContain(
      "A month of 0 reads and 1,000,000 orders, evenly spread, on demand in us-east-1;",
    );
  });

  it.each([
    [["--reads", "1.5"], '--reads takes a whole number from 0 to 1,000,000,000,000, not "1.5".'],
    [["--reads=-1"], '--reads takes a whole number from 0 to 1,000,000,000,000, not "-1".'],
    [["--orders", "many"], '--orders takes a whole number from 0 to 1,000,000,000,000, not "many".'],
    [["--reads", "-1"], "npm run cost: --reads needs a value behind it, not -1."],
    [["--order", "1"], "npm run cost has no flag --order: did you mean --orders?"],
    [["--page", "--reads", "1"], "--page writes the table for its own loads: npm run cost -- --page"],
  ])("refuses %j in one sentence", async (args, said) => {
    await expect(run(args)).rejects.toThrow(said);
  });

  it("explains itself, and refuses unknown arguments", async () => {
    await run(["--help"]);
    expect(printed).toMatch(/^npm run cost \[-- FLAG\.\.\.\]\n/);
    await expect(run(["--stages", "dev"])).rejects.toThrow(
      "npm run cost has no flag --stages: did you mean --stage?",
    );
    await expect(run(["dev"])).rejects.toThrow("npm run cost takes no argument dev.");
  });
});

describe("the documents", () => {
  const bills = new Map(["dev", "prod"].map((stage) => [stage, idleMonth(stageSettings(stage))]));
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

  it("show the same table", () => {
    const lines = read("docs/cost.md").split("\n");
    const [header, _rule, ...rows] = lines.slice(lines.findIndex((line) => line.startsWith("| part ")));
    const cellsOf = (line = "") =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
    const table = [header, ...rows.slice(0, rows.indexOf(""))].map(cellsOf);
    expect(table).toEqual(billRows(bills));
  });

  it("name the broker's share, and the cost of one more service", () => {
    const of = (stage: string, part: RegExp) =>
      totalOf((bills.get(stage) ?? []).filter(({ part: name }) => part.test(name)));
    const share = (stage: string) =>
      `${Math.round((100 * of(stage, /^RabbitMQ$/)) / totalOf(bills.get(stage) ?? []))} %`;
    expect(read("docs/tutorials/deploy.md")).toContain(`The broker is ${share("dev")} of it`);
    expect(read("docs/questions.md")).toContain(`It is ${share("prod")} of \`prod\`'s bill`);
    // Inventory and billing each have half of the tasks.
    const service = (of("prod", /^Services/) / 2).toFixed(2);
    expect(read("docs/questions.md")).toContain(`two tasks, $${service} a month`);
  });

  it("contain the rounded totals", () => {
    for (const [stage, lines] of bills) {
      const tens = Math.round(totalOf(lines) / 10) * 10;
      expect(read("README.md")).toContain(`\`${stage}\` about $${tens} a month`);
      for (const page of ["docs/index.md", "docs/questions.md"])
        expect(read(page)).toContain(`$${Math.round(totalOf(lines))}`);
    }
  });

  it("name the price of a stage before it is deployed, by the month and by the day", () => {
    const dev = totalOf(bills.get("dev") ?? []);
    for (const page of ["docs/deploy.md", "docs/tutorials/deploy.md"]) {
      expect(read(page)).toContain(`about $${Math.round(dev)} a month`);
      expect(read(page)).toMatch(new RegExp(`(about|some) \\$${Math.round((dev * 24) / 730)} a day`));
    }
  });

  it("show the same loads: `npm run cost -- --page` writes them", () => {
    expect(read("docs/cost.md")).toContain(`<!-- loads -->\n\n${markdownTable(loadRows())}\n`);
  });

  it("have the figures of a read, an order and a list", () => {
    const bytes = (call: "read" | "order") =>
      Object.values(LOGS).reduce((sum, log) => sum + log.bytes[call] + LOG_EVENT_BYTES * log.events[call], 0);
    const tens = (count: number) => (10 * Math.round(count / 10)).toLocaleString("en");
    expect(read("docs/cost.md")).toMatch(
      new RegExp(
        `A read leaves ${tens(bytes("read"))} bytes in 4 lines, an order\\s+${tens(bytes("order"))} in 12`,
      ),
    );
    const gigabytes = LIST_BYTES / 1_000;
    expect(read("docs/cost.md")).toContain(
      `are ${gigabytes} GB: $${Math.round(gigabytes * TIERS.edgeGb[0][1])} more`,
    );
    const row = loadRows().find(([perSecond]) => perSecond === "100");
    expect(read("docs/questions.md")).toContain(`a million add about $${Math.round(Number(row?.[3]))}`);
  });

  it("have the price of a token, and of a GB", () => {
    const row = (start: string) =>
      read("docs/cost.md")
        .split("\n")
        .find((line) => line.startsWith(`| ${start}`)) ?? "";
    expect(row("a thousand tokens")).toContain(` ${(1_000 * PER_USE.token).toFixed(2)}`);
    expect(row("a GB through a NAT gateway; of logs")).toContain(
      ` ${PER_USE.natGb}; ${PER_USE.logGb.toFixed(2)}`,
    );
  });

  it.each([
    ["brokerMode", { brokerMode: "SINGLE_INSTANCE" }],
    ["natGateways", { natGateways: 1 }],
    ["isDatabaseMultiAz", { isDatabaseMultiAz: false }],
    ["databaseServers", { databaseServers: 1 }],
  ] as const)("name what another %s of prod would save", (setting, change) => {
    const prod = settingsOf("hardened");
    const saved = totalOf(idleMonth(prod)) - totalOf(idleMonth({ ...prod, ...change }));
    const row = read("docs/cost.md")
      .split("\n")
      .find((line) => line.startsWith(`| \`${setting}\` of \`prod\``));
    expect(row?.split("|")[2]?.trim()).toBe(`$${Math.round(saved)}`);
  });
});
