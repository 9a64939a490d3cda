import { HELP_FLAG, parseFlags, printHelp } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { wholeNumber } from "@cloud-design/local/supervisor/whole-number";
import { openTerminal } from "@cloud-design/local/terminal/terminal";
import { checkStageName } from "@cloud-design/stage/name";
import { Refusal } from "@cloud-design/stage/refusal";
import { buildApp } from "../alarms/template.ts";
import { figuresOf } from "../limits/figures.ts";
import { hopsOf } from "../limits/hops.ts";
import { DEFAULT_LOAD, describe, forPrograms, writeGrowthPage } from "../limits/report.ts";

const PROD = "prod";
/** More than any ceiling below. */
const RATE_MAX = 1_000_000_000;

const HELP = `npm run limits [-- FLAG...]
  --stage NAME  whose templates are read, default ${PROD}
  --reads N     wanted reads a second, default ${DEFAULT_LOAD.reads}
  --orders N    wanted orders a second, default ${DEFAULT_LOAD.orders}
  --json        for programs
  --page        writes the table of docs/growth.md

  It builds the stage's templates, which takes some 20 seconds and no account, and counts how much of each hop the wanted load
  uses, and ten times that. Lists, searches and writes of movies come with the reads, as in the load test.`;

/** `npm run limits`: the ceiling of each hop of a stage, and which of them breaks first. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run limits", args, {
    stage: { type: "string" },
    reads: { type: "string" },
    orders: { type: "string" },
    json: { type: "boolean" },
    page: { type: "boolean" },
    ...HELP_FLAG,
  });
  if (values.help) return printHelp(HELP);
  if (positionals[0] !== undefined)
    throw new SetupError(`npm run limits takes no argument ${positionals[0]}.`);
  const { json, page } = values;
  const stage = checked(String(values.stage ?? PROD));
  const load = {
    reads: wholeNumber("--reads", values.reads, DEFAULT_LOAD.reads, RATE_MAX, 0),
    orders: wholeNumber("--orders", values.orders, DEFAULT_LOAD.orders, RATE_MAX, 0),
  };
  if (load.reads + load.orders === 0) throw new SetupError("--reads and --orders cannot both be 0.");
  if (page && [values.stage, values.reads, values.orders, json].some((value) => value !== undefined))
    throw new SetupError("--page writes the table of prod for its own load: npm run limits -- --page");
  const terminal = openTerminal(process.stderr, ["templates"]);
  terminal.doing("templates", `building those of ${stage}`);
  const hops = hopsOf(figuresOf(await buildApp(stage)));
  terminal.done("templates", `those of ${stage}`);
  if (page) {
    writeGrowthPage(hops);
    console.log("docs/growth.md is written.");
  } else console.log(json ? forPrograms(hops, load) : describe(hops, load));
  return 0;
}

function checked(stage: string): string {
  try {
    checkStageName(stage);
    return stage;
  } catch (error) {
    throw error instanceof Refusal ? new SetupError(error.message) : error;
  }
}
