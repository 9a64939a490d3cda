import { availableParallelism } from "node:os";
import { relative } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { explain } from "@cloud-design/local/supervisor/errors";
import { HELP_FLAG, nearest, parseFlags, printHelp, type Values } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { wholeNumber } from "@cloud-design/local/supervisor/whole-number";
import { table } from "@cloud-design/local/terminal/table";
import { openTerminal, type Terminal } from "@cloud-design/local/terminal/terminal";
import type { Fault } from "../chaos/fault.ts";
import { FAULTS } from "../chaos/faults/index.ts";
import { openLab } from "../chaos/lab.ts";
import { type LostRegion, loseRegion } from "../chaos/lost-region.ts";
import {
  evidenceOf,
  journalOf,
  type Piece,
  readPieces,
  runMillion,
  stillBroken,
  type Total,
  totalOf,
} from "../chaos/million.ts";
import { bookRows, isClean, lineOf, millionPage, progressOf } from "../chaos/million-report.ts";
import { CHAOS_PAGE, type Run, writePage } from "../chaos/page.ts";
import { COLUMNS, cellsOf, describe, FIGURES, haveHeld } from "../chaos/report.ts";
import { runFault } from "../chaos/run-fault.ts";
import { describeStep, recipe, soup } from "../chaos/soup.ts";
import { replaceBetween } from "../page.ts";

const HELP = `npm run chaos -- FAULT... [FLAG...]
  FAULT        one or several of the list below, \`fast\`, \`all\`, \`soup\`, \`lost-region\`, or \`million\`
  --seed N     seed of a soup (default: a random one) or of a million (default 1)
  --seconds N  how long a soup lasts; default 60
  --orders N   how many orders a million has; default 1,000,000, with a fault for each 1,000
  --rate N     orders a second of a million; default 100. Faults that need a quieter load get 20
  --json       for programs
  --page       writes the results of \`all\` or of a million into docs/chaos.md

  A million takes hours. Ctrl-C at any time: the same command continues where it stopped. Once the cause of a broken promise is mended, it
  repeats the pieces that have shown it.`;
const LOST_REGION = "lost-region";
const LOST_REGION_CLAIM =
  "From the copies outside a destroyed region another one serves every issued id, and repeated orders make one row each.";
const SECONDS_MAX = 3_600;
/** More than any laptop has been seen to take. */
const RATE_MAX = 2_000;
/** The limit of the user ids of one seed. */
const ORDERS_MAX = 10_000_000;
const ORDERS_OF_A_FAULT = 1_000;

/** `npm run chaos`: injects known faults into a platform of its own, under load, and reports which promises held. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run chaos", args, {
    seed: { type: "string" },
    seconds: { type: "string" },
    orders: { type: "string" },
    rate: { type: "string" },
    json: { type: "boolean" },
    page: { type: "boolean" },
    ...HELP_FLAG,
  });
  if (positionals.length === 0 || values.help) return printHelp(`${HELP}\n\n${list()}`);
  if (positionals.includes("million")) return million(positionals, values);
  if (positionals.includes(LOST_REGION)) return lostRegion(positionals, values);
  if (values.page && positionals.join() !== "all") {
    throw new SetupError("--page writes the whole table: npm run chaos -- all --page");
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

  const runs = await runAll(faults, terminal);
  const results = runs.map(({ result }) => result);
  if (values.json) console.log(JSON.stringify(results, null, 2));
  else if (faults.length > 1) console.log(`\n${table([COLUMNS, ...results.map(cellsOf)], FIGURES)}`);
  else for (const { fault, result } of runs) console.log(describe(fault, result));
  const isComplete = runs.length === faults.length;
  if (values.page && isComplete) writePage(runs);
  return isComplete && results.every(haveHeld) ? 0 : 1;
}

/** Loses a platform of its own, and makes another from its copies. */
async function lostRegion(positionals: readonly string[], values: Values): Promise<number> {
  if (positionals.length > 1)
    throw new SetupError(`${LOST_REGION} runs alone: npm run chaos -- ${LOST_REGION}`);
  if (values.page) throw new SetupError("--page writes the results of `all` or of a million.");
  const terminal = openTerminal(values.json ? process.stderr : process.stdout, [LOST_REGION]);
  try {
    const result = await loseRegion((doing) => terminal.doing(LOST_REGION, doing));
    terminal.done(LOST_REGION, LOST_REGION_CLAIM);
    if (values.json) console.log(JSON.stringify(result, null, 2));
    else console.log(table(lostRegionRows(result), [1]));
    return 0;
  } catch (error) {
    terminal.failed(LOST_REGION, explain(error));
    return 1;
  }
}

function lostRegionRows(result: LostRegion): [string, string][] {
  return [
    ["ids issued before the loss", String(result.issued)],
    ["of these in the copy", String(result.inTheCopy)],
    ["not in the copy, and named", String(result.notInTheCopy)],
    ["recorded at the end, with new orders", String(result.recordedAtTheEnd)],
    ["seconds from the loss to the first answer", result.secondsToReturn.toFixed(1)],
    ["seconds altogether", result.seconds.toFixed(1)],
  ];
}

/** Runs the million of a seed, or continues it. */
async function million(positionals: readonly string[], values: Values): Promise<number> {
  if (positionals.length > 1) throw new SetupError("million runs alone: npm run chaos -- million");
  const seed = wholeNumber("--seed", values.seed, 1, 2 ** 31);
  const orders = wholeNumber("--orders", values.orders, 1_000_000, ORDERS_MAX);
  const perSecond = wholeNumber("--rate", values.rate, 100, RATE_MAX);
  const goal = { seed, orders, perSecond, faults: Math.ceil(orders / ORDERS_OF_A_FAULT) };
  const name = `million --seed ${seed}`;
  const terminal = openTerminal(values.json ? process.stderr : process.stdout, [name]);
  const journal = journalOf(seed);
  const before = readPieces(journal);
  const last = before.at(-1);
  if (last) terminal.line(`Continues after piece ${last.number} of ${relative(ROOT, journal)}.`);
  const again = stillBroken(before);
  if (again.length > 0)
    terminal.line(
      `First repeats what has broken a promise: ${again.map((number) => `piece ${number}`).join(", ")}.`,
    );
  let total = totalOf(before);
  const report = {
    doing: (what: string) => terminal.doing(name, `${progressOf(total, orders)}  ${what}`),
    done(piece: Piece, now: Total) {
      total = now;
      terminal.line(`${lineOf(piece)}\n  ${progressOf(now, orders)}`);
      if (piece.broken.length > 0) terminal.line(`  logs in ${relative(ROOT, evidenceOf(journal, piece))}`);
    },
  };
  const pieces = await runMillion(goal, journal, report, openLab);
  total = totalOf(pieces);
  terminal.done(name, isClean(total) ? "nothing was lost, doubled or invented" : "NOT CLEAN");
  if (values.json) console.log(JSON.stringify({ seed, ...total }, null, 2));
  else console.log(table(bookRows(total), [1]));
  if (values.page) replaceBetween(CHAOS_PAGE, "million", millionPage(seed, pieces, total));
  return isClean(total) ? 0 : 1;
}

/** One after the other in one laboratory. A failure of the laboratory itself ends the series, and earlier results are kept. */
async function runAll(faults: readonly Fault[], terminal: Terminal): Promise<Run[]> {
  await using lab = await openLab((doing) => terminal.doing("laboratory", doing));
  terminal.done("laboratory", `a platform of its own, on ${availableParallelism()} cores`);
  const runs: Run[] = [];
  for (const fault of faults) {
    try {
      const result = await runFault(fault, lab, (doing) => terminal.doing(fault.name, doing));
      runs.push({ fault, result });
      if (haveHeld(result)) terminal.done(fault.name, fault.hypothesis);
      else terminal.failed(fault.name, [...result.broken, ...result.late].join(" "));
    } catch (error) {
      terminal.failed(fault.name, explain(error));
      break;
    }
  }
  return runs;
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
  return table(
    [
      ...rows,
      ["soup", "", "A random mix of kills, freezes and network faults, the same for the same seed."],
      [LOST_REGION, "", LOST_REGION_CLAIM],
      ["million", "", "A million orders under a thousand of all these faults, drawn by a seed."],
    ],
    [],
  );
}
