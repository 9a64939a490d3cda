import { localDirectory } from "@cloud-design/local/platform/settings";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import { HELP_FLAG, nearest, parseFlags, printHelp, type Values } from "@cloud-design/local/supervisor/flags";
import { hearInterrupts } from "@cloud-design/local/supervisor/interrupts";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { runningPlatform } from "@cloud-design/local/supervisor/platform-file";
import { wholeNumber } from "@cloud-design/local/supervisor/whole-number";
import { table } from "@cloud-design/local/terminal/table";
import { openTerminal } from "@cloud-design/local/terminal/terminal";
import type { LoadReport } from "../load/figures.ts";
import { describe } from "../load/report.ts";
import { runLoad, type Target } from "../load/run.ts";
import {
  phasesOf,
  RATE_MAX,
  SCENARIO_NAMES,
  SCENARIOS,
  type ScenarioName,
  SECONDS_MAX,
  type Size,
  volumeOf,
} from "../load/scenarios.ts";

const HELP = `npm run load -- SCENARIO... [FLAG...]
  SCENARIO        one or several of the list below, one after the other
  --rate N        the highest rate, in requests a second: default 120, at most 500; on a stage what its firewall lets through
  --seconds N     how long each scenario lasts, at most 3,600
  --seed N        the same arrivals for the same seed; default 1
  --json          for programs
  --page          writes docs/load.md, for \`steps spike\` on the laptop
  --stage NAME    a stage on AWS, once the estimated cost is confirmed; without it the platform of npm start
  --region NAME   where it is, default us-east-1
  --profile NAME  of the AWS configuration, default AWS_PROFILE
  --yes           does not ask

  Of a hundred requests 50 read a film by id, 20 a list, 10 search by a word, 5 add or delete a film, 15 place an order of a cent.
  Ctrl-C ends the load; the figures until then are reported.`;
const RATE = 120;
/** The scenarios of docs/load.md. */
const ON_PAGE = "steps spike";
/** The exit code of a command that Ctrl-C has ended. */
const INTERRUPTED = 130;

/** Stages on AWS, which the laboratory itself does not know. */
interface Stages {
  flags: Record<string, { type: "string" | "boolean" }>;
  /** Undefined where the flags do not name one. */
  targetOf(values: Values): Promise<(Target & Asking) | undefined>;
}

interface Asking {
  /** Whether this much is to be sent. */
  isWanted(volume: { requests: number; orders: number }): Promise<boolean>;
}

interface Planned {
  scenario: ScenarioName;
  size: Size;
}

/** Requests at a given rate whatever the answers, and what became of them. */
export async function load(args: string[], stages: Stages): Promise<number> {
  const { values, positionals } = parseFlags("npm run load", args, {
    rate: { type: "string" },
    seconds: { type: "string" },
    seed: { type: "string" },
    json: { type: "boolean" },
    page: { type: "boolean" },
    ...stages.flags,
    ...HELP_FLAG,
  });
  if (positionals.length === 0 || values.help) return printHelp(`${HELP}\n\n${list()}`);
  const scenarios = positionals.map(chosen);
  if (values.page && (positionals.join(" ") !== ON_PAGE || values.stage !== undefined))
    throw new SetupError(`--page writes the whole page: npm run load -- ${ON_PAGE} --page`);
  const seed = wholeNumber("--seed", values.seed, 1, 2 ** 31);
  const secondsOf = (scenario: ScenarioName) =>
    wholeNumber("--seconds", values.seconds, SCENARIOS[scenario].seconds, SECONDS_MAX);
  const sizes = scenarios.map((scenario) => ({ scenario, seconds: secondsOf(scenario) }));
  wholeNumber("--rate", values.rate, RATE, RATE_MAX);
  const target = (await stages.targetOf(values)) ?? laptop();
  const perSecond = rateOf(values, target);
  const plan = sizes.map(({ scenario, seconds }) => ({ scenario, size: { perSecond, seconds } }));
  if (!(await target.isWanted(volumeOf(plan.flatMap(({ scenario, size }) => phasesOf(scenario, size)))))) {
    console.log("Nothing was sent.");
    return 1;
  }
  return runAll(plan, { seed, target, values });
}

interface Options {
  seed: number;
  target: Target;
  values: Values;
}

/** One after the other, until Ctrl-C; a second one ends the command at once. */
async function runAll(plan: readonly Planned[], { seed, target, values }: Options): Promise<number> {
  const names = plan.map(({ scenario }) => scenario);
  const terminal = openTerminal(values.json ? process.stderr : process.stdout, names);
  const { signal } = hearInterrupts(() => process.exit(INTERRUPTED));
  const reports: LoadReport[] = [];
  for (const { scenario, size } of plan) {
    if (signal.aborted) break;
    const report = await runLoad({ scenario, size, seed, target, terminal, signal });
    reports.push(report);
    if (!values.json) console.log(`\n${describe(report)}\n`);
  }
  if (values.json) console.log(JSON.stringify(reports, null, 2));
  if (signal.aborted) return INTERRUPTED;
  const [steps, spike] = reports;
  if (values.page && steps && spike) {
    terminal.doing("page", "building the template, whose scaling is simulated");
    // The packages for a stage are installed only for this flag.
    const [{ buildApp }, { writeLoadPage }] = await Promise.all([
      import("../alarms/template.ts"),
      import("../load/page.ts"),
    ]);
    writeLoadPage([steps, spike], await buildApp());
    terminal.done("page", "docs/load.md is written");
  }
  return reports.every(({ orders }) => orders.lost.length === 0) ? 0 : 1;
}

function laptop(): Target & Asking {
  const directory = localDirectory();
  const { parts } = runningPlatform(directory);
  const identityUrl = parts.identity?.url ?? "";
  return {
    name: "npm start",
    url: parts.gateway?.url ?? "",
    token: async () => (await accessToken({ identityUrl, user: "machine" })).accessToken,
    perSecondMax: RATE_MAX,
    directory,
    isWanted: async () => true,
  };
}

function rateOf({ rate }: Values, { name, perSecondMax }: Target): number {
  const perSecond = wholeNumber("--rate", rate, Math.min(RATE, perSecondMax), RATE_MAX);
  if (perSecond <= perSecondMax) return perSecond;
  throw new SetupError(
    `The firewall of ${name} lets ${perSecondMax} requests a second through from one address: take --rate ${perSecondMax} or less, or raise REQUESTS_MAX in packages/stage/src/request-limits.ts and deploy.`,
  );
}

function chosen(name: string): ScenarioName {
  const found = SCENARIO_NAMES.find((known) => known === name);
  if (found) return found;
  const meant = nearest(name, SCENARIO_NAMES);
  throw new SetupError(`There is no scenario ${name}: did you mean ${meant}? \`npm run load\` lists them.`);
}

function list(): string {
  const rows = Object.entries(SCENARIOS).map(([name, { about, seconds }]) => [name, `${seconds} s`, about]);
  return table(rows, [1]);
}
