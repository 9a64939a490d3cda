import { HELP_FLAG, parseFlags, printHelp, type Values } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { wholeNumber } from "@cloud-design/local/supervisor/whole-number";
import { table } from "@cloud-design/local/terminal/table";
import { idleMonth, type PriceLine, totalOf } from "@cloud-design/stage/prices";
import { PROD, settingsOf } from "@cloud-design/stage/settings";
import { SECONDS_A_MONTH, type Use, usedMonth } from "@cloud-design/stage/usage";

const HELP = `npm run cost [-- FLAG...]
  --stage NAME  only that stage; without it prod, and dev as an example of all the others
  --reads N     on top of the month without requests: N reads in the month
  --orders N    the same for orders
  --json        for programs
  --page        writes the table of loads into docs/cost.md`;
/** More requests than a stage could answer in a month. */
const CALLS_MAX = 1_000_000_000_000;
/** The loads of docs/cost.md, in requests a second, of which one in so many is an order. */
const LOADS = [1, 10, 100, 1_000];
const REQUESTS_AN_ORDER = 5;

/** `npm run cost`: what a stage costs in a month, line by line. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run cost", args, {
    stage: { type: "string" },
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
  const stages = values.stage === undefined ? ["dev", PROD] : [String(values.stage)];
  const bills = new Map(stages.map((stage) => [stage, monthOf(stage, use)]));
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

function monthOf(stage: string, use: Use | undefined): PriceLine[] {
  const settings = settingsOf(stage);
  return [...idleMonth(settings), ...(use === undefined ? [] : usedMonth(use, settings))];
}

async function writePage({ stage, reads, orders, json }: Values): Promise<number> {
  if ([stage, reads, orders, json].some((value) => value !== undefined))
    throw new SetupError("--page writes the table for its own loads: npm run cost -- --page");
  const { markdownTable, replaceBetween } = await import("@cloud-design/lab/page");
  replaceBetween("docs/cost.md", "loads", markdownTable(loadRows()));
  console.log("docs/cost.md is written.");
  return 0;
}

function json(bills: ReadonlyMap<string, PriceLine[]>): string {
  const byStage = [...bills].map(([stage, lines]) => [stage, { usdMonthly: totalOf(lines), lines }]);
  return JSON.stringify(Object.fromEntries(byStage), null, 2);
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
    ["part", ...[...bills.keys()].flatMap((stage) => [stage, "USD"])],
    ...parts.map(({ part }, index) => [part, ...columns.flatMap((lines) => cellsOf(lines[index]))]),
    ["total", ...columns.flatMap((lines) => ["", totalOf(lines).toFixed(2)])],
  ];
}

function cellsOf(line: PriceLine | undefined): [what: string, usd: string] {
  if (line === undefined || line.count === 0) return ["-", "-"];
  return [`${quantity(line.count)} x ${line.unit}`, line.usdMonthly.toFixed(2)];
}

/** Header and a row for each load of docs/cost.md, in `prod`. */
export function loadRows(): string[][] {
  const settings = settingsOf(PROD);
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
