import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { idleMonth, PER_CALL, totalOf } from "@cloud-design/stage/prices";
import { settingsOf } from "@cloud-design/stage/settings";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { billRows, run } from "./cost.ts";

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
  const bills = new Map(["dev", "prod"].map((stage) => [stage, idleMonth(settingsOf(stage))]));
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

  it("have the price of a request, an order and a token that a load test estimates with", () => {
    const page = read("docs/cost.md");
    const row = (start: string) => page.split("\n").find((line) => line.startsWith(`| ${start}`)) ?? "";
    const usdIn = (text: string) =>
      [...text.matchAll(/\d+\.\d+/g)].reduce((sum, [figure]) => sum + Number(figure), 0);
    const [ofRequests = "", ofOrders = ""] = row("their logs").split(", ");
    expect(usdIn(row("a million requests")) + usdIn(ofRequests)).toBeCloseTo(PER_CALL.request * 1e6);
    expect(usdIn(row("a million orders")) + usdIn(ofOrders)).toBeCloseTo(PER_CALL.order * 1e6);
    expect(usdIn(row("a thousand tokens"))).toBeCloseTo(PER_CALL.token * 1e3);
  });

  it.each([
    ["brokerMode", { brokerMode: "SINGLE_INSTANCE" }],
    ["natGateways", { natGateways: 1 }],
    ["isDatabaseMultiAz", { isDatabaseMultiAz: false }],
    ["databaseServers", { databaseServers: 1 }],
  ] as const)("name what another %s of prod would save", (setting, change) => {
    const prod = settingsOf("prod");
    const saved = totalOf(idleMonth(prod)) - totalOf(idleMonth({ ...prod, ...change }));
    const row = read("docs/cost.md")
      .split("\n")
      .find((line) => line.startsWith(`| \`${setting}\` of \`prod\``));
    expect(row?.split("|")[2]?.trim()).toBe(`$${Math.round(saved)}`);
  });
});
