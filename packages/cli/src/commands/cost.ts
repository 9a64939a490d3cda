import { HELP_FLAG, parseFlags, printHelp } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { table } from "@cloud-design/local/terminal/table";
import { idleMonth, type PriceLine, totalOf } from "@cloud-design/stage/prices";
import { PROD, settingsOf } from "@cloud-design/stage/settings";

const HELP = `npm run cost [-- FLAG...]
  --stage NAME  only that stage; without it prod, and dev as an example of all the others
  --json        for programs`;

/** `npm run cost`: what a stage without requests costs in a month, line by line. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run cost", args, {
    stage: { type: "string" },
    json: { type: "boolean" },
    ...HELP_FLAG,
  });
  if (positionals[0] !== undefined) throw new SetupError(`npm run cost takes no argument ${positionals[0]}.`);
  if (values.help) return printHelp(HELP);
  const stages = values.stage === undefined ? ["dev", PROD] : [String(values.stage)];
  const bills = new Map(stages.map((stage) => [stage, idleMonth(settingsOf(stage))]));
  console.log(values.json ? json(bills) : billTable(bills));
  return 0;
}

function json(bills: ReadonlyMap<string, PriceLine[]>): string {
  const byStage = [...bills].map(([stage, lines]) => [stage, { usdMonthly: totalOf(lines), lines }]);
  return JSON.stringify(Object.fromEntries(byStage), null, 2);
}

function billTable(bills: ReadonlyMap<string, PriceLine[]>): string {
  const rows = billRows(bills);
  const figures = [...bills.keys()].map((_, index) => 2 * (index + 1));
  return `${table(rows, figures)}\n\nA month without requests, on demand in us-east-1; docs/cost.md says what comes on top.`;
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
  return [`${line.count} x ${line.unit}`, line.usdMonthly.toFixed(2)];
}
