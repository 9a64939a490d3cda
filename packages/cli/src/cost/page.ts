import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { asleepMonth } from "@cloud-design/stage/asleep-month";
import { type BillLine, usdOf } from "@cloud-design/stage/bill/bill";
import type { Bills } from "@cloud-design/stage/bill/switches";
import { totalOf } from "@cloud-design/stage/prices";
import { PRESETS, type Preset, settingsOf } from "@cloud-design/stage/settings";
import { asleepRows, asleepTotals } from "../sleep/prices.ts";
import { billedByHour, liveMonth, PLANS, type RunningHours } from "./month.ts";
import { billRows, commitmentRows, loadRows, switchRows } from "./rows.ts";

export const PAGES = ["docs/cost.md", "docs/sleep.md"] as const;
/** A point of the month's chart stands for so many hours. */
const DRAWN_HOURS = 3;
const IDLE = "packages/stage/src/bill/idle.ts";

/** The tables that `npm run cost -- --page` writes into each page, by their marks. */
export async function tablesOf(
  bills: Bills,
): Promise<Record<(typeof PAGES)[number], Record<string, string>>> {
  const { markdownTable } = await import("@cloud-design/lab/page");
  return {
    "docs/cost.md": {
      bill: markdownTable(billRows(bills, PRESETS)),
      loads: markdownTable(loadRows(bills)),
      switches: markdownTable(switchRows(bills, PRESETS)),
      commitments: markdownTable(commitmentRows(bills, PRESETS)),
      months: markdownTable(await monthRows(bills)),
    },
    "docs/sleep.md": {
      asleep: markdownTable(asleepRows(bills.learner, "learner")),
      presets: markdownTable(asleepTotals(bills)),
    },
  };
}

/** Writes the generated bill, which all other code reads, and with it the pages. */
export async function writePage(bills: Bills): Promise<void> {
  const { replaceBetween } = await import("@cloud-design/lab/page");
  writeFileSync(join(ROOT, IDLE), idleSource(bills));
  const tables = await tablesOf(bills);
  for (const page of PAGES) {
    for (const [mark, text] of Object.entries(tables[page])) replaceBetween(page, mark, text);
  }
  for (const [file, svg] of Object.entries(await chartsOf(bills))) writeFileSync(join(ROOT, file), svg);
}

/** The charts that `npm run cost -- --page` draws, by their files. */
export async function chartsOf(bills: Bills): Promise<Record<string, string>> {
  return {
    "docs/images/cost.svg": await presetsChart(bills),
    "docs/images/month.svg": await monthChart(bills),
  };
}

/** The presets beside each other, by what their money is for. */
async function presetsChart(bills: Bills): Promise<string> {
  const { barChart } = await import("@cloud-design/lab/chart");
  const kinds = {
    broker: (lines: readonly BillLine[]) => usdOf(lines, "RabbitMQ", "Files", "Names"),
    databases: (lines: readonly BillLine[]) =>
      usdOf(lines, "PostgreSQL", "PostgreSQL's disk", "RDS Proxy", "Copies of backups"),
    network: (lines: readonly BillLine[]) => usdOf(lines, "NAT", "Public addresses", "Balancer"),
  };
  const rest = (lines: readonly BillLine[]) =>
    totalOf(lines) - Object.values(kinds).reduce((sum, of) => sum + of(lines), 0);
  const series = Object.entries({ ...kinds, "everything else": rest });
  const totals = PRESETS.map((preset) => `${preset} $${totalOf(bills[preset]).toFixed(0)}`).join(", ");
  return barChart({
    title: "The bill of each preset for a month without requests",
    description: `In all: ${totals}. By broker, databases, network, and everything else.`,
    y: { label: "USD a month" },
    groups: PRESETS,
    series: series.map(([name, of]) => ({ name, values: PRESETS.map((preset) => of(bills[preset])) })),
  });
}

/** The bill of a learner's stage as it grows over a month, asleep and awake. */
async function monthChart(bills: Bills): Promise<string> {
  const { lineChart } = await import("@cloud-design/lab/chart");
  const lives = await liveAll();
  const series = [...lives].map(([name, running]) => ({ name, usd: monthOf(bills, "learner", running) }));
  const totals = series.map(({ name, usd }) => `${name} $${usd.at(-1)?.toFixed(2)}`).join(", ");
  return lineChart({
    title: "The bill of a learner's stage over a month",
    description: `From a Monday at 08:00 on, simulated minute by minute. After a month: ${totals}.`,
    x: { label: "day" },
    y: { label: "USD so far" },
    series: series.map(({ name, usd }) => ({
      name,
      points: [0, ...usd].flatMap((value, hour) =>
        hour % DRAWN_HOURS === 0 ? [[hour / 24, value] as const] : [],
      ),
    })),
  });
}

/** Header, and for each preset its bill after a month of each plan. */
async function monthRows(bills: Bills): Promise<string[][]> {
  const lives = await liveAll();
  return [
    ["preset", ...lives.keys()],
    ...PRESETS.map((preset) => [
      preset,
      ...[...lives.values()].map((running) => (monthOf(bills, preset, running).at(-1) ?? 0).toFixed(2)),
    ]),
  ];
}

let lives: Promise<Map<string, RunningHours>> | undefined;

/** The month of each plan, lived once. */
function liveAll(): Promise<Map<string, RunningHours>> {
  lives ??= Promise.all(PLANS.map(async (plan) => [plan.name, await liveMonth(plan)] as const)).then(
    (lived) => new Map(lived),
  );
  return lives;
}

function monthOf(bills: Bills, preset: Preset, running: RunningHours): number[] {
  return billedByHour(asleepMonth(bills[preset], settingsOf(preset)), running);
}

/** As the formatter of this project leaves it. */
export function idleSource(bills: Bills): string {
  const line = ({ part, count, unit, usdMonthly, service }: BillLine) => {
    const fields = [
      `part: ${JSON.stringify(part)}`,
      `count: ${count}`,
      `unit: ${JSON.stringify(unit)}`,
      `usdMonthly: ${usdMonthly}`,
      `service: ${JSON.stringify(service)}`,
    ];
    const inOne = `    { ${fields.join(", ")} },`;
    return inOne.length <= 110
      ? inOne
      : `    {\n${fields.map((field) => `      ${field},`).join("\n")}\n    },`;
  };
  const presets = PRESETS.map((preset) => `  ${preset}: [\n${bills[preset].map(line).join("\n")}\n  ],`);
  return [
    'import type { Preset } from "../settings.ts";',
    'import type { BillLine } from "./bill.ts";',
    "",
    "/** The bill of each preset for a month without requests. `npm run cost -- --page` writes it from the templates, and a test compares both. */",
    "export const IDLE: Readonly<Record<Preset, readonly BillLine[]>> = {",
    ...presets,
    "};",
    "",
  ].join("\n");
}
