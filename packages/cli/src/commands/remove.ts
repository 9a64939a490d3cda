import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { ROOT } from "@cloud-design/local/platform/settings";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { openTerminal, type Terminal } from "@cloud-design/local/terminal/terminal";
import { explained } from "@cloud-design/stage/aws-access";
import { stacksOf, stagesIn } from "@cloud-design/stage/preflight/stage-stacks";
import { type Protected, protectedOf } from "@cloud-design/stage/protection";
import { isAsExpected, receiptOf } from "@cloud-design/stage/receipt/receipt";
import { keptBy } from "@cloud-design/stage/removal";
import { type StageSettings, settingsOf } from "@cloud-design/stage/settings";
import { receiptText } from "../receipt-text.ts";
import { INTERRUPTED, orSentence, parseStage, runSst, type StageArguments, sstArguments } from "../sst.ts";
import { followStacks } from "./deploy/follow-stacks.ts";
import { lastWords } from "./deploy/last-words.ts";
import { WIDEST_NAME } from "./deploy/widest-name.ts";

const HELP = `npm run remove -- [STACK] --stage NAME [FLAG...]
  --stage NAME    what to remove
  --region NAME   where it is, default us-east-1
  --profile NAME  of the AWS configuration, default AWS_PROFILE
  --yes           without asking for the stage's name
A STACK removes that one alone: its name, or a part of it.
What is left at the end, and what that costs, \`npm run left\` says at any time.`;
/** Where something may be protected. */
const PROTECTED_STACKS = ["Databases", "Cluster"];

/**
 * `npm run remove -- --stage NAME`: shows what goes and what stays, asks for the stage's name, lifts the protection of what has one, lets SST
 * remove it with a line for each stack, and ends with what is left, also when SST has failed or was stopped.
 */
export async function run(args: string[]): Promise<number> {
  const target = await parseStage("remove", args, { help: HELP, flags: { yes: { type: "boolean" } } });
  if (target === undefined) return 0;
  await checkStands(target);
  const guarded = await guardedBy(target);
  console.log(previewOf(target, guarded));
  if (!target.values.yes) {
    if (!process.stdin.isTTY) {
      throw new SetupError(
        "Nobody is here to confirm it: add --yes to remove the stage without being asked.",
      );
    }
    if (!(await isConfirmed(target.stage, process.stdin, process.stdout))) {
      console.log("That is not its name. Nothing was removed.");
      return 1;
    }
  }
  // AWS asks for a code, which SST asks for, and nobody else can look.
  if (!target.account) return finish(target, await runSst(sstArguments("remove", target)));
  const terminal = openTerminal(process.stdout, [WIDEST_NAME]);
  console.log("");
  for (const { name, lift } of guarded) {
    await lift().catch((error: unknown) => {
      throw new SetupError(explained(error, target).message);
    });
    terminal.done("protection", `lifted: ${name}`);
  }
  return finish(target, await remove(target, terminal));
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

/** A stage that is not there is a misspelt name or another region more often than not. */
async function checkStands({ stage, region, profile, account }: StageArguments): Promise<void> {
  if (!account) return; // AWS asks for a code: SST will say it
  const stages = await orSentence(() => stagesIn({ region, profile }));
  if (stages.includes(stage)) return;
  const there = stages.length > 0 ? `there are ${stages.join(", ")}` : "there is none at all";
  throw new SetupError(
    `There is no stage ${stage} in account ${account}, region ${region}: ${there}. What an earlier one has left: npm run left -- --stage ${stage} --region ${region}`,
  );
}

/** CloudFormation would stop at what is protected, when half of the rest is gone. */
async function guardedBy({ stage, region, profile, account, stack }: StageArguments): Promise<Protected[]> {
  const isConcerned =
    stack === undefined || PROTECTED_STACKS.some((name) => new RegExp(stack, "i").test(name));
  if (!account || !isConcerned) return [];
  const access = { stage, region, profile };
  return protectedOf(access).catch((error: unknown) => {
    throw new SetupError(explained(error, access).message);
  });
}

/**
 * The receipt, whatever became of the removal. Gives the exit code of both: what could not be asked is said, and makes no failure of a removal
 * that CloudFormation has ended.
 */
export async function finish(target: StageArguments, removalCode: number): Promise<number> {
  const { stage, region, profile, account, stack } = target;
  if (!account || stack) {
    console.log(`\nWhat is left of the stage: npm run left -- --stage ${stage} --region ${region}`);
    return removalCode;
  }
  const receipt = await receiptOf(stage, account, { region, profile });
  console.log(`\n${receiptText(receipt)}`);
  return removalCode || (isAsExpected(receipt) ? 0 : 1);
}

export function previewOf(
  { stage, region, account, stack }: StageArguments,
  guarded: readonly Protected[] = [],
): string {
  const settings = settingsOf(stage);
  const kept = Object.values(keptBy(settings)).map(({ what }) => what);
  const list = (lines: readonly string[]) => lines.map((line) => `  - ${line}`);
  return [
    `Removing ${stack ? `the stack ${stack}` : "all"} of stage ${stage}, account ${account ?? "of your code"}, region ${region}`,
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

/** Asks for the name, so that nobody removes prod with a habit. */
export async function isConfirmed(
  stage: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<boolean> {
  const terminal = createInterface({ input, output });
  // Ctrl-D and Ctrl-C are a no.
  const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  const typed = await Promise.race([terminal.question(`\nType ${stage} to remove it: `), closed]);
  terminal.close();
  return typed.trim() === stage;
}
