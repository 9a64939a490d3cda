import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { usdOf } from "@cloud-design/stage/bill/bill";
import { IDLE } from "@cloud-design/stage/bill/idle";
import { LIST_BYTES, LOG_EVENT_BYTES, LOGS } from "@cloud-design/stage/measured";
import { PER_USE, TIERS, totalOf } from "@cloud-design/stage/prices";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chartsOf, idleSource, tablesOf } from "../cost/page.ts";
import { loadRows } from "../cost/rows.ts";
import { run } from "./cost.ts";

let printed: string;

beforeEach(() => {
  printed = "";
  vi.spyOn(console, "log").mockImplementation((text) => {
    printed += `${text}\n`;
  });
});
afterEach(() => vi.restoreAllMocks());

describe("npm run cost", () => {
  it.each([
    [["--reads", "1.5"], '--reads takes a whole number from 0 to 1,000,000,000,000, not "1.5".'],
    [["--reads=-1"], '--reads takes a whole number from 0 to 1,000,000,000,000, not "-1".'],
    [["--orders", "many"], '--orders takes a whole number from 0 to 1,000,000,000,000, not "many".'],
    [["--reads", "-1"], "npm run cost: --reads needs a value behind it, not -1."],
    [["--order", "1"], "npm run cost has no flag --order: did you mean --orders?"],
    [["--page", "--reads", "1"], "--page writes all presets and its own loads: npm run cost -- --page"],
    [["--preset", "cheap"], "There is no preset cheap: name learner or standard or hardened."],
    [["--region", "eu-west-1"], "The prices of eu-west-1 are not known here: us-east-1 is."],
    [["--against", "main"], "--against needs --markdown beside it"],
    [["--actual"], "--actual needs --stage NAME beside it."],
    [["--stage", "Dev"], "Dev"],
    [["--stage", "dev", "--preset", "learner"], "--stage and --preset both name a preset: leave out one."],
    [["--stage", "dev", "--profile", "shop"], "--profile goes with --actual."],
    [
      ["--stage", "dev", "--actual", "--orders", "1"],
      "--actual shows what AWS has billed: leave out --orders.",
    ],
    [["dev"], "npm run cost takes no argument dev."],
  ])("refuses %j in one sentence, before it builds anything", async (args, said) => {
    await expect(run(args)).rejects.toThrow(said);
  });

  it("explains itself", async () => {
    await run(["--help"]);
    expect(printed).toMatch(/^npm run cost \[-- FLAG\.\.\.\]\n/);
  });
});

describe("the documents", () => {
  /** The pages speak of two stages. */
  const bills = new Map([
    ["dev", IDLE.standard],
    ["prod", IDLE.hardened],
  ]);
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

  it("are as `npm run cost -- --page` writes them, with the generated bill and the chart", async () => {
    for (const [page, tables] of Object.entries(await tablesOf(IDLE))) {
      for (const [mark, text] of Object.entries(tables))
        expect(read(page)).toContain(`<!-- ${mark} -->\n\n${text}\n<!-- end of ${mark} -->`);
    }
    for (const [file, svg] of Object.entries(await chartsOf(IDLE))) expect(read(file), file).toBe(svg);
    expect(read("packages/stage/src/bill/idle.ts")).toBe(idleSource(IDLE));
  });

  it("name the broker's share, and the cost of one more service", () => {
    const share = (stage: string) => {
      const lines = bills.get(stage) ?? [];
      return `${Math.round((100 * usdOf(lines, "RabbitMQ")) / totalOf(lines))} %`;
    };
    expect(read("docs/tutorials/deploy.md")).toContain(`The broker is ${share("dev")} of it`);
    expect(read("docs/questions.md")).toContain(`It is ${share("prod")} of \`prod\`'s bill`);
    // Inventory and billing each have half of the tasks.
    const service = (usdOf(IDLE.hardened, "Services") / 2).toFixed(2);
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
    const row = loadRows(IDLE).find(([perSecond]) => perSecond === "100");
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
});
