import { availableParallelism } from "node:os";
import type { Fault } from "../chaos/fault.ts";
import { FAULTS } from "../chaos/faults/index.ts";
import { type Lab, openLab } from "../chaos/lab.ts";
import { writePage } from "../chaos/page.ts";
import { COLUMNS, cellsOf, describe, FIGURES, haveHeld } from "../chaos/report.ts";
import { type Result, runFault } from "../chaos/run-fault.ts";
import { describeStep, recipe, soup } from "../chaos/soup.ts";
import { nearest, parseFlags } from "../flags.ts";
import { SetupError } from "../part.ts";
import { openTerminal } from "../supervisor/terminal.ts";
import { table } from "../table.ts";

const HELP = `npm run chaos -- FAULT... [FLAG...]
  FAULT        one or several of the list below, \`fast\`, \`all\`, or \`soup\`
  --seed N     which soup; without it a random one
  --seconds N  how long it is stirred; default 60
  --json       for programs
  --page       writes the results into docs/chaos.md`;
const SECONDS_MAX = 3_600;

/** `npm run chaos`: breaks a platform of its own in known ways, under load, and says which promises held. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run chaos", args, {
    seed: { type: "string" },
    seconds: { type: "string" },
    json: { type: "boolean" },
    page: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (positionals.length === 0 || values.help) {
    console.log(`${HELP}\n\n${list()}`);
    return 0;
  }
  const seed = wholeNumber("--seed", values.seed, Math.floor(Math.random() * 1_000_000), 2 ** 31);
  const seconds = wholeNumber("--seconds", values.seconds, 60, SECONDS_MAX);
  const faults = positionals.flatMap((name) => chosen(name, seed, seconds));
  const terminal = openTerminal(
    values.json ? process.stderr : process.stdout,
    faults.map(({ name }) => name),
  );
  if (positionals.includes("soup") && !values.json)
    terminal.line(recipe(seed, seconds).map(describeStep).join("\n"));

  const runs: { fault: Fault; result: Result }[] = [];
  await withLab(terminal, async (lab) => {
    for (const fault of faults) {
      const result = await runFault(fault, lab, (doing) => terminal.doing(fault.name, doing));
      runs.push({ fault, result });
      const held = haveHeld(result);
      terminal[held ? "done" : "failed"](
        fault.name,
        held ? fault.hypothesis : [...result.broken, ...result.late].join(" "),
      );
      if (!values.json && faults.length === 1) terminal.line(describe(fault, result));
    }
  });
  if (values.json)
    console.log(
      JSON.stringify(
        runs.map(({ result }) => result),
        null,
        2,
      ),
    );
  else if (faults.length > 1)
    console.log(`\n${table([COLUMNS, ...runs.map(({ result }) => cellsOf(result))], FIGURES)}`);
  if (values.page) writePage(runs);
  return runs.every(({ result }) => haveHeld(result)) ? 0 : 1;
}

async function withLab(
  terminal: ReturnType<typeof openTerminal>,
  work: (lab: Lab) => Promise<void>,
): Promise<void> {
  await using lab = await openLab((doing) => terminal.doing("laboratory", doing));
  terminal.done("laboratory", `a platform of its own, on ${availableParallelism()} cores`);
  await work(lab);
}

function chosen(name: string, seed: number, seconds: number): readonly Fault[] {
  if (name === "all") return [...FAULTS, soup(seed, seconds)];
  if (name === "fast") return FAULTS.filter(({ isFast }) => isFast);
  if (name === "soup") return [soup(seed, seconds)];
  const fault = FAULTS.find((candidate) => candidate.name === name);
  if (fault) return [fault];
  const meant = nearest(
    name,
    FAULTS.map((candidate) => candidate.name),
  );
  throw new SetupError(`There is no fault ${name}: did you mean ${meant}? \`npm run chaos\` lists them.`);
}

function list(): string {
  const rows = FAULTS.map(({ name, isFast, hypothesis }) => [name, isFast ? "fast" : "", hypothesis]);
  return table([...rows, ["soup", "", "A random mix of all that, the same for the same seed."]], []);
}

function wholeNumber(flag: string, value: unknown, otherwise: number, max: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (/^\d+$/.test(String(value)) && number >= 1 && number <= max) return number;
  throw new SetupError(`${flag} takes a whole number from 1 to ${max}, not "${value}".`);
}
