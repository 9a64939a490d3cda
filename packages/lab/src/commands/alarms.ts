import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { QUIET, RECORDINGS, type Recording, readRecordings } from "@cloud-design/cloudwatch/recording";
import { ROOT } from "@cloud-design/local/platform/settings";
import { explain } from "@cloud-design/local/supervisor/errors";
import { HELP_FLAG, nearest, parseFlags, printHelp } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { table } from "@cloud-design/local/terminal/table";
import { openTerminal, type Terminal } from "@cloud-design/local/terminal/terminal";
import { alarmsPage } from "@cloud-design/stacks/testing/alarms/page";
import type { App } from "@cloud-design/stacks/testing/app";
import type { AlarmFault } from "../alarms/fault.ts";
import { ALARM_FAULTS } from "../alarms/faults/index.ts";
import { type Laboratory, openLaboratory } from "../alarms/laboratory.ts";
import { record, recordQuiet } from "../alarms/record.ts";
import { writeRecording } from "../alarms/recordings.ts";
import { buildApp } from "../alarms/template.ts";
import { alarmsWith, describe, judge, type Verdict } from "../alarms/verdict.ts";

const HELP = `npm run alarms -- FAULT... [FLAG...]
  FAULT   one or several of the list below, or \`all\`: records the metrics that CloudWatch would get, and reports which alarms ring
  --page  writes docs/alarms.md from the existing recordings
  --json  for programs`;

/** `npm run alarms`: breaks a platform of its own, and evaluates the alarms of the template over its metrics. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run alarms", args, {
    json: { type: "boolean" },
    page: { type: "boolean" },
    ...HELP_FLAG,
  });
  const isList = positionals.join() === "list" || (positionals.length === 0 && !values.page);
  if (isList || values.help) return printHelp(`${HELP}\n\n${list()}`);
  const names = positionals.flatMap(chosen);
  if (names.length > 0 && process.platform !== "linux")
    throw new SetupError(
      "Recording needs Linux, because /proc shows the processor time of a database's processes.",
    );
  const terminal = openTerminal(values.json ? process.stderr : process.stdout, [
    "laboratory",
    "template",
    ...names,
  ]);
  terminal.doing("template", "sst build --stage prod");
  const building = buildApp();
  void building.then(
    () => terminal.done("template", "the alarms are as they would be deployed"),
    () => terminal.failed("template", "could not be built"),
  );
  const verdicts = names.length > 0 ? await recordAll(names, building, terminal) : [];
  if (values.json) console.log(JSON.stringify(verdicts, null, 2));
  if (values.page) writePage(await building);
  const isWell = verdicts.length === names.length && verdicts.every(({ problems }) => problems.length === 0);
  return isWell ? 0 : 1;
}

/** One after the other in one laboratory. A failure of the laboratory itself ends the series. */
async function recordAll(
  names: readonly string[],
  building: Promise<App>,
  terminal: Terminal,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  await using lab = await openLaboratory(building, (doing) => terminal.doing("laboratory", doing));
  terminal.done("laboratory", "a platform of its own");
  const app = await building;
  for (const name of names) {
    try {
      const recording = await recordOne(name, lab, (doing) => terminal.doing(name, doing));
      writeRecording(recording);
      const quiet = name === QUIET ? recording : quietHour();
      const verdict = judge(app, recording, quiet, alarmsWith(name));
      verdicts.push(verdict);
      terminal[verdict.problems.length === 0 ? "done" : "failed"](name, describe(verdict));
    } catch (error) {
      terminal.failed(name, explain(error));
      break;
    }
  }
  return verdicts;
}

function recordOne(name: string, lab: Laboratory, say: (doing: string) => void): Promise<Recording> {
  const fault = faultOf(name);
  return fault ? record(fault, lab, say) : recordQuiet(lab, say);
}

function quietHour(): Recording {
  const quiet = readRecordings(RECORDINGS).get(QUIET);
  if (quiet) return quiet;
  throw new SetupError(
    "A fault is evaluated between quiet hours: record one first with `npm run alarms -- quiet`.",
  );
}

function writePage(app: App): void {
  writeFileSync(join(ROOT, "docs/alarms.md"), alarmsPage(app, readRecordings(RECORDINGS)));
}

function faultOf(name: string): AlarmFault | undefined {
  return ALARM_FAULTS.find((fault) => fault.name === name);
}

function chosen(name: string): string[] {
  const all = [QUIET, ...ALARM_FAULTS.map((fault) => fault.name)];
  if (name === "all") return all;
  if (all.includes(name)) return [name];
  const meant = nearest(name, all);
  throw new SetupError(`There is no fault ${name}: did you mean ${meant}? \`npm run alarms\` lists them.`);
}

function list(): string {
  const rows = ALARM_FAULTS.map(({ name, injection }) => [name, injection, alarmsWith(name).join(", ")]);
  return table([[QUIET, "an hour of normal traffic", "none"], ...rows], []);
}
