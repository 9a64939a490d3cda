import { HELP_FLAG, parseFlags, printHelp, type Values } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { wholeNumber } from "@cloud-design/local/supervisor/whole-number";
import { loadEnvironmentFiles } from "@cloud-design/stage/environment";
import { checkStageName } from "@cloud-design/stage/name";
import { settlePreset } from "@cloud-design/stage/preflight/remembered";
import { presetOf } from "@cloud-design/stage/preset";
import { PRICED_REGION } from "@cloud-design/stage/prices";
import { PRESETS, type Preset } from "@cloud-design/stage/settings";
import type { Use } from "@cloud-design/stage/usage";
import { json, report } from "../cost/report.ts";
import { orSentence } from "../sst.ts";
import { namedStage, STAGE_FLAGS } from "../stage/flags.ts";

const HELP = `npm run cost [-- FLAG...]
  --preset NAME   only that preset; without it all of them
  --stage NAME    only the preset that a new stage of that name has
  --reads N       on top of the month without requests: N reads in the month
  --orders N      the same for orders
  --region NAME   the prices of that region: ${PRICED_REGION} alone is known
  --json          for programs
  --markdown      as a table of Markdown
  --against REF   with --markdown: only what differs from that revision's bill
  --page          writes the bill and the tables of docs/cost.md and docs/sleep.md
npm run cost -- --stage NAME --actual asks Cost Explorer what a stage costs, at a cent a question
  --region NAME   region of the stage, default AWS_REGION or us-east-1
  --profile NAME  of the AWS configuration, default AWS_PROFILE
It computes the bill from the templates, which it builds without an account when the code has changed.`;
/** More requests than a stage could answer in a month. */
const CALLS_MAX = 1_000_000_000_000;
/** The flags that have no meaning for what was billed. */
const COMPUTED = ["preset", "reads", "orders", "markdown", "against", "page"];

/** `npm run cost`: what a stage of each preset costs in a month, line by line, and what it has cost. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run cost", args, {
    ...STAGE_FLAGS,
    preset: { type: "string" },
    reads: { type: "string" },
    orders: { type: "string" },
    json: { type: "boolean" },
    markdown: { type: "boolean" },
    against: { type: "string" },
    page: { type: "boolean" },
    actual: { type: "boolean" },
    ...HELP_FLAG,
  });
  if (positionals[0] !== undefined) throw new SetupError(`npm run cost takes no argument ${positionals[0]}.`);
  if (values.help) return printHelp(HELP);
  const named = namedStage(values, ["profile", "actual"]);
  if (named === undefined) return computed(values);
  if (values.actual) {
    const other = COMPUTED.find((name) => values[name] !== undefined);
    if (other) throw new SetupError(`--actual shows what AWS has billed: leave out --${other}.`);
    const { actualReport } = await import("../cost/actual.ts");
    console.log(await actualReport(named, values.json === true));
    return 0;
  }
  if (values.preset !== undefined)
    throw new SetupError("--stage and --preset both name a preset: leave out one.");
  if (values.profile !== undefined) throw new SetupError("--profile goes with --actual.");
  return computed({ ...values, preset: await orSentence(async () => presetOfNew(named.stage)) });
}

/** By its name, or by the setting `PRESET` of its `.env` file; the account is not asked. */
function presetOfNew(stage: string): Preset {
  checkStageName(stage);
  loadEnvironmentFiles(stage);
  settlePreset(stage, {});
  return presetOf(stage);
}

async function computed(values: Values): Promise<number> {
  const { region, against, markdown: asMarkdown, page } = values;
  if (region !== undefined && region !== PRICED_REGION)
    throw new SetupError(`The prices of ${region} are not known here: ${PRICED_REGION} is.`);
  const use = useOf(values);
  const presets = values.preset === undefined ? PRESETS : [presetNamed(values.preset)];
  if (page && [values.preset, use, values.json, asMarkdown].some((value) => value !== undefined))
    throw new SetupError("--page writes all presets and its own loads: npm run cost -- --page");
  if (against !== undefined && !asMarkdown)
    throw new SetupError("--against needs --markdown beside it: npm run cost -- --markdown --against main");
  const { billsAt, difference, markdown } = await import("../cost/markdown.ts");
  const before = against === undefined ? undefined : await billsAt(String(against));
  const { builtBills } = await import("../cost/built-bills.ts");
  const bills = await builtBills();
  if (page) {
    const { PAGES, writePage } = await import("../cost/page.ts");
    await writePage(bills);
    console.log(`${PAGES.join(" and ")} are written.`);
  } else if (before) {
    const text = await difference(before, bills);
    // Nothing on standard output: a workflow then writes no comment.
    if (text === undefined) console.error(`The bill is that of ${against}.`);
    else console.log(text);
  } else if (asMarkdown) console.log(await markdown(bills, { presets, use }));
  else console.log(values.json ? json(bills, { presets, use }) : report(bills, { presets, use }));
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
