import { HELP_FLAG, parseFlags, printHelp, type Values } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { wholeNumber } from "@cloud-design/local/supervisor/whole-number";
import { table } from "@cloud-design/local/terminal/table";
import { idleMonth, type PriceLine, totalOf } from "@cloud-design/stage/prices";
import { PRESETS, type Preset, settingsOf } from "@cloud-design/stage/settings";
import { SECONDS_A_MONTH, type Use, usedMonth } from "@cloud-design/stage/usage";

const HELP = `npm run cost [-- FLAG...]
  --preset NAME only that preset; without it all of them
  --reads N     on top of the month without requests: N reads in the month
  --orders N    the same for orders
  --json        for programs
  --page        writes the table of loads into docs/cost.md`;
/** More requests than a stage could answer in a month. */
const CALLS_MAX = 1_000_000_000_000;
/** The loads of docs/cost.md, in requests a second, of which one in so many is an order. */
const LOADS = [1, 10, 100, 1_000];
const REQUESTS_AN_ORDER = 5;

/** `npm run cost`: what a stage of each preset costs in a month, line by line. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run cost", args, {
    preset: { type: "string" },
    reads: { type: "string" },
    orders: { type: "string" },
    json: { type: "boolean" },
    page: { type: "boolean" },
    ...HELP_FLAG,
  });
  if (positionals[0] !== undefined) throw new SetupError(`npm run cost takes no argument ${positionals[0]}.`);
  if (values.help) return printHelp(HELP);
  const use = useOf(values);
  if (values.page) return writePage(values);
  const presets = values.preset === undefined ? PRESETS : [presetNamed(values.preset)];
  const bills = new Map(presets.map((preset) => [preset, monthOf(preset, use)]));
  console.log(values.json ? json(bills) : billTable(bills, use));
  return 0;
}

function useOf({ reads, orders }: Values): Use | undefined {
  if (reads === undefined && orders === undefined) return undefined;
  return {
    reads: wholeNumber("--reads", reads, 0, CALLS_MAX, 0),
    orders: wholeNumber("--orders", orders, 0, CALLS_MAX, 0),
  };
}

function presetNamed(name: unknown): Preset {
  const found = PRESETS.find((preset) => preset === name);
  if (!found) throw new SetupError(`There is no preset ${name}: name ${PRESETS.join(" or ")}.`);
  return found;
}

function monthOf(preset: Preset, use: Use | undefined): PriceLine[] {
  const settings = settingsOf(preset);
  return [...idleMonth(settings), ...(use === undefined ? [] : usedMonth(use, settings))];
}

async function writePage({ preset, reads, orders, json }: Values): Promise<number> {
  if ([preset, reads, orders, json].some((value) => value !== undefined))
    throw new SetupError("--page writes the table for its own loads: npm run cost -- --page");
  const { markdownTable, replaceBetween } = await import("@cloud-design/lab/page");
  replaceBetween("docs/cost.md", "loads", markdownTable(loadRows()));
  console.log("docs/cost.md is written.");
  return 0;
}

function json(bills: ReadonlyMap<string, PriceLine[]>): string {
  const byPreset = [...bills].map(([preset, lines]) => [preset, { usdMonthly: totalOf(lines), lines }]);
  return JSON.stringify(Object.fromEntries(byPreset), null, 2);
}

function billTable(bills: ReadonlyMap<string, PriceLine[]>, use: Use | undefined): string {
  const rows = billRows(bills);
  const figures = [...bills.keys()].map((_, index) => 2 * (index + 1));
  const month = use
    ? `A month of ${whole(use.reads)} reads and ${whole(use.orders)} orders, evenly spread`
    : "A month without requests";
  return `${table(rows, figures)}\n\n${month}, on demand in us-east-1; docs/cost.md says what comes on top.`;
}

/** Header, a row for each part, total: as cells, so that the terminal and docs/cost.md show the same. */
export function billRows(bills: ReadonlyMap<string, PriceLine[]>): string[][] {
  const columns = [...bills.values()];
  const parts = columns[0] ?? [];
  return [
    ["part", ...[...bills.keys()].flatMap((preset) => [preset, "USD"])],
    ...parts.map(({ part }, index) => [part, ...columns.flatMap((lines) => cellsOf(lines[index]))]),
    ["total", ...columns.flatMap((lines) => ["", totalOf(lines).toFixed(2)])],
  ];
}

function cellsOf(line: PriceLine | undefined): [what: string, usd: string] {
  if (line === undefined || line.count === 0) return ["-", "-"];
  return [`${quantity(line.count)} x ${line.unit}`, line.usdMonthly.toFixed(2)];
}

/** Header and a row for each load of docs/cost.md, in a `hardened` stage. */
export function loadRows(): string[][] {
  const settings = settingsOf("hardened");
  const idle = totalOf(idleMonth(settings));
  return [
    ["requests a second", "USD a month", "for requests alone", "USD for a million requests", "largest lines"],
    ...LOADS.map((perSecond) => {
      const calls = perSecond * SECONDS_A_MONTH;
      const orders = calls / REQUESTS_AN_ORDER;
      const lines = usedMonth({ reads: calls - orders, orders }, settings);
      const usd = totalOf(lines);
      const largest = lines.toSorted((one, other) => other.usdMonthly - one.usdMonthly).slice(0, 3);
      return [
        ...[whole(perSecond), whole(idle + usd), whole(usd), ((1_000_000 * usd) / calls).toFixed(2)],
        largest.map(({ part, usdMonthly }) => `${part} ${whole(usdMonthly)}`).join(", "),
      ];
    }),
  ];
}

/** Counts are whole; what is measured in millions or GB has three figures. */
function quantity(count: number): string {
  return Number.isInteger(count)
    ? String(count)
    : count.toLocaleString("en", { maximumSignificantDigits: 3 });
}

function whole(count: number): string {
  return count.toLocaleString("en", { maximumFractionDigits: 0 });
}
