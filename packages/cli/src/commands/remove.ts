import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { ROOT } from "@cloud-design/local/platform/settings";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { openTerminal, type Terminal } from "@cloud-design/local/terminal/terminal";
import { explained } from "@cloud-design/stage/aws-access";
import { stacksOf, stagesIn } from "@cloud-design/stage/preflight/stage-stacks";
import { defaultPreset, presetOf, stageSettings } from "@cloud-design/stage/preset";
import { type Protected, protectedOf } from "@cloud-design/stage/protection";
import { isAsExpected, receiptOf } from "@cloud-design/stage/receipt/receipt";
import { keptBy } from "@cloud-design/stage/removal";
import type { StageSettings } from "@cloud-design/stage/settings";
import { receiptText } from "../receipt-text.ts";
import { isAsleep } from "../sleep/before-deployment.ts";
import { drive } from "../sleep/sleeper.ts";
import {
  INTERRUPTED,
  isMeant,
  orSentence,
  parseStage,
  runSst,
  type SeenArguments,
  type StageArguments,
  sstArguments,
} from "../sst.ts";
import { followStacks } from "./deploy/follow-stacks.ts";
import { lastWords } from "./deploy/last-words.ts";
import { WIDEST_NAME } from "./deploy/widest-name.ts";
import { checkSeen } from "./sleep.ts";

const HELP = `npm run remove -- [STACK] --stage NAME [FLAG...]
  --stage NAME    what to remove
  --region NAME   where it is, default AWS_REGION or us-east-1
  --profile NAME  of the AWS configuration, default AWS_PROFILE
  --yes           does not ask for the stage's name
A STACK removes only that one: its name, or a part of it.
\`npm run left\` lists what remains, and what that costs, at any time.`;
/** The stacks that may contain resources with deletion protection. */
const PROTECTED_STACKS = ["Databases", "Cluster"];

/**
 * `npm run remove -- --stage NAME`: shows what is deleted and what stays, asks for the stage's name, lifts deletion protection, lets SST
 * remove the stage with a line for each stack, and lists what is left, even if SST has failed or was interrupted.
 */
export async function run(args: string[]): Promise<number> {
  const target = await parseStage("remove", args, { help: HELP, flags: { yes: { type: "boolean" } } });
  if (target === undefined) return 0;
  checkSeen(target);
  await checkStands(target);
  const guarded = await guardedBy(target);
  console.log(previewOf(target, guarded));
  if (!target.values.yes) {
    if (!process.stdin.isTTY) {
      throw new SetupError(
        "Without a terminal the command cannot ask for a confirmation: add --yes to remove the stage.",
      );
    }
    if (!(await isConfirmed(target.stage, process.stdin, process.stdout))) {
      console.log("That is not its name. Nothing was removed.");
      return 1;
    }
  }
  const terminal = openTerminal(process.stdout, [WIDEST_NAME]);
  console.log("");
  await wakeGuarded(target, guarded, terminal);
  const lifted: Protected[] = [];
  for (const one of guarded) {
    await one.lift().catch((error: unknown) => {
      sayOpen(lifted);
      throw new SetupError(explained(error, target).message);
    });
    lifted.push(one);
    terminal.done("protection", `lifted: ${one.name}`);
  }
  const code = await remove(target, terminal);
  if (code !== 0) sayOpen(lifted);
  return finish(target, code);
}

/** After a removal that has failed or was interrupted. CloudFormation may still be deleting these, so nothing protects them again here. */
function sayOpen(lifted: readonly Protected[]): void {
  if (lifted.length === 0) return;
  console.error(
    [
      "",
      `Without protection from deletion now, until it is deleted: ${lifted.map(({ name }) => name).join(", ")}.`,
      "If the stage is to stay, protect it again; a deployment does not:",
      ...lifted.map(({ protect }) => `  ${protect}`),
    ].join("\n"),
  );
}

/** RDS changes no stopped database, not even its protection. */
async function wakeGuarded(
  target: StageArguments,
  guarded: readonly Protected[],
  terminal: Terminal,
): Promise<void> {
  if (!guarded.some(({ name }) => name.startsWith("database "))) return;
  const stacks = await orSentence(() => stacksOf(target.stage, target));
  const isWoken = await isAsleep(target, stacks, ": RDS lifts no protection from a stopped database.");
  if (isWoken) await drive(target, "awake", terminal);
}

async function remove(target: StageArguments, terminal: Terminal): Promise<number> {
  const logFile = join(ROOT, ".sst", `remove-${target.stage}.log`);
  const before = await orSentence(() => stacksOf(target.stage, target));
  const work = runSst(sstArguments("remove", target), { logFile });
  const { unseen } = await followStacks({ stage: target.stage, before, access: target, terminal }, work);
  const code = await work;
  if (unseen !== undefined) console.error(`\n${unseen} CloudFormation goes on by itself.`);
  else if (code !== 0 && code !== INTERRUPTED)
    console.error(`\nSST says:\n${lastWords(readFileSync(logFile, "utf8"))}`);
  return code;
}

/** A stage that does not exist is usually a misspelt name, or a name with the wrong region. */
async function checkStands({ stage, region, profile, account }: SeenArguments): Promise<void> {
  const stages = await orSentence(() => stagesIn({ region, profile }));
  if (stages.includes(stage)) return;
  const there = stages.length > 0 ? `there are ${stages.join(", ")}` : "this project has no stage there";
  throw new SetupError(
    `There is no stage ${stage} in account ${account}, region ${region}: ${there}. What an earlier one has left: npm run left -- --stage ${stage} --region ${region}`,
  );
}

/** CloudFormation would stop at a protected resource when half of the others are deleted. */
async function guardedBy({ stage, region, profile, stack }: StageArguments): Promise<Protected[]> {
  const isConcerned = stack === undefined || PROTECTED_STACKS.some((name) => isMeant(stack, name));
  if (!isConcerned) return [];
  const access = { stage, region, profile };
  return protectedOf(access).catch((error: unknown) => {
    throw new SetupError(explained(error, access).message);
  });
}

/**
 * Prints what is left, whatever the result of the removal. Returns the exit code of both: a service that could not be read is named, but does
 * not fail a removal that CloudFormation has completed.
 */
export async function finish(target: SeenArguments, removalCode: number): Promise<number> {
  const { stage, region, profile, account, stack } = target;
  if (stack) {
    // Without its stacks a stage no longer says with which preset it was made.
    const preset = presetOf(stage) === defaultPreset(stage) ? "" : ` --preset ${presetOf(stage)}`;
    console.log(`\nWhat is left of the stage: npm run left -- --stage ${stage} --region ${region}${preset}`);
    return removalCode;
  }
  const receipt = await receiptOf(stage, account, { region, profile });
  console.log(`\n${receiptText(receipt)}`);
  return removalCode || (isAsExpected(receipt) ? 0 : 1);
}

export function previewOf(
  { stage, region, account, stack }: SeenArguments,
  guarded: readonly Protected[] = [],
): string {
  const settings = stageSettings(stage);
  const kept = Object.values(keptBy(settings)).map(({ what }) => what);
  const list = (lines: readonly string[]) => lines.map((line) => `  - ${line}`);
  return [
    `Removing ${stack ? `the stack ${stack}` : "all"} of stage ${stage}, account ${account}, region ${region}`,
    "",
    "Goes for good:",
    ...list(stack ? [`what the stack ${stack} has made`] : goneWith(settings)),
    "",
    kept.length > 0 ? "Stays, and is billed until you delete it:" : "Stays, for next to nothing:",
    ...list(
      kept.length > 0
        ? kept
        : [
            "two log groups that no stack owns, with their lines for up to 7 days, and keys until KMS deletes them",
          ],
    ),
    ...(guarded.length > 0
      ? ["", "Protected from deletion, which is lifted first:", ...list(guarded.map(({ name }) => name))]
      : []),
  ].join("\n");
}

function goneWith({ keepsData }: StageSettings): string[] {
  return [
    "network, gateway, functions, services, proxies, distribution, firewall, alarms",
    "the broker, with the orders that wait in it",
    "all secrets, at once: CloudFormation leaves them no recovery window",
    ...(keepsData ? [] : ["databases, queues, users, pages and logs"]),
  ];
}

/** Asks for the name, so that a habitual "yes" cannot remove prod. */
export async function isConfirmed(
  stage: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<boolean> {
  const terminal = createInterface({ input, output });
  // Ctrl-D and Ctrl-C mean no.
  const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  const typed = await Promise.race([terminal.question(`\nType ${stage} to remove it: `), closed]);
  terminal.close();
  return typed.trim() === stage;
}
