import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "@cloud-design/local/platform/settings";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { openTerminal, type Terminal } from "@cloud-design/local/terminal/terminal";
import { nameOf } from "@cloud-design/stage/names";
import { activateCostTag, makeRoles } from "@cloud-design/stage/preflight/account";
import { clearStack } from "@cloud-design/stage/preflight/clear-stacks";
import { checkDocker } from "@cloud-design/stage/preflight/docker";
import { type Examination, examine } from "@cloud-design/stage/preflight/examine";
import type { Finding } from "@cloud-design/stage/preflight/finding";
import { scanOnPush } from "@cloud-design/stage/preflight/image-scan";
import { type Plan, planOf } from "@cloud-design/stage/preflight/plan";
import { isBootstrap } from "@cloud-design/stage/preflight/stage-stacks";
import { neverComplete } from "@cloud-design/stage/preflight/stage-state";
import { PRICED_REGION } from "@cloud-design/stage/prices";
import { isConfirmed } from "../confirm.ts";
import { isAsleep, keepAwake } from "../sleep/before-deployment.ts";
import { drive } from "../sleep/sleeper.ts";
import {
  INTERRUPTED,
  isMeant,
  orSentence,
  PRESET_FLAGS,
  parseStage,
  runSst,
  type StageArguments,
  sstArguments,
} from "../sst.ts";
import { buildStage } from "./deploy/build.ts";
import { type Followed, followStacks } from "./deploy/follow-stacks.ts";
import { lastWords } from "./deploy/last-words.ts";
import { findingLine } from "./deploy/show-finding.ts";
import { WIDEST_NAME } from "./deploy/widest-name.ts";

const HELP = `npm run deploy -- [STACK] --stage NAME [FLAG...]
  --stage NAME    dev, pr-7, ...: cheap; prod: highly available
  --region NAME   default AWS_REGION or us-east-1
  --profile NAME  of the AWS configuration, default AWS_PROFILE
  --preset NAME   of a new stage: learner (cheapest), standard (default), or hardened as prod; the stage remembers it
  --with proxy    adds RDS Proxy to a learner's stage, which remembers it; --with none takes it away again
  --yes           creates a new stage without asking
A STACK deploys that one alone: its name, or a part of it.
npm run preflight makes the same checks and stops there.`;
const CLEARED_AFTER_MILLISECONDS = 2_000;

/**
 * `npm run deploy -- --stage NAME`: makes all checks that are possible before, shows the plan, asks before a stage's first deployment, and
 * runs SST, with a line for each stack.
 */
export async function run(args: string[]): Promise<number> {
  const report = (finding: Finding) => {
    if (finding.state !== "failed") console.log(findingLine(finding, process.stdout));
  };
  const flags = { ...PRESET_FLAGS, yes: { type: "boolean" as const } };
  const target = await parseStage("deploy", args, { help: HELP, flags, report });
  if (target === undefined) return 0;
  // The credentials need a one-time code. SST asks for it, so this command cannot use it to look at the account.
  if (target.account === undefined) return deployUnseen(target);

  const examination = await look(target);
  if (examination === undefined) return 1;
  const terminal = openTerminal(process.stdout, [WIDEST_NAME]);
  terminal.doing("plan", "building templates, functions and pages");
  const assembly = await buildStage(target, examination.sharesConcurrency ? { CONCURRENCY: "SHARED" } : {});
  if (assembly === undefined) {
    console.error("Interrupted. Nothing was created.");
    return INTERRUPTED;
  }
  terminal.done("plan", "built");
  const plan = await orSentence(async () => planOf(assembly, target, examination.isFirst));
  checkStack(target, plan);
  console.log(planText(target, plan, examination.isFirst));
  for (const line of strangers(target, plan, examination)) console.log(line);
  const isWoken = await isAsleep(
    target,
    examination.stacks,
    `, and stays awake: npm run sleep -- --stage ${target.stage} puts it to sleep again.`,
  );
  if (examination.isFirst && !target.values.yes) {
    const { stage } = target;
    if (!(await isConfirmed(`Create the stage ${stage}?`, `create the stage ${stage}`))) {
      console.log("Nothing was created.");
      return 1;
    }
  }
  if (isWoken) await drive(target, "awake", terminal);
  const mayRest = await keepAwake(target, examination.stacks);
  const deploying = prepare(target, examination, terminal).then(() =>
    deploy(target, { assembly, examination, terminal }),
  );
  // After Ctrl-C CloudFormation goes on by itself.
  if ((await deploying.catch(() => undefined)) !== INTERRUPTED) await mayRest();
  return deploying;
}

async function look(target: StageArguments): Promise<Examination | undefined> {
  const report = (finding: Finding) => {
    const stream = finding.state === "failed" ? process.stderr : process.stdout;
    stream.write(`${findingLine(finding, stream)}\n`);
  };
  const examination = await orSentence(() => examine(target, target, report));
  if (!examination.hasFailed) return examination;
  console.error("Nothing was created. Fix what failed, then run the same command again.");
  return undefined;
}

/** SST finds stacks by a part of their names, and says after everything else that there is no such stack. */
function checkStack({ stage, stack }: StageArguments, { stacks }: Plan): void {
  if (stack === undefined) return;
  const names = stacks.map((name) => name.slice(nameOf({ stage }, "").length));
  if (names.some((name) => isMeant(stack, name))) return;
  throw new SetupError(`There is no stack ${stack}: there are ${names.join(", ")}. Nothing was created.`);
}

async function deployUnseen(target: StageArguments): Promise<number> {
  await orSentence(async () => checkDocker());
  return runSst(sstArguments("deploy", target));
}

export function planText(
  { stage, region, account, stack }: StageArguments,
  { preset, stacks, resources, time, usdMonthly }: Plan,
  isFirst: boolean,
): string {
  return [
    "",
    `Deploying ${stack ? `the stack ${stack} of ` : ""}cloud-design`,
    `  stage    ${stage}${isFirst ? ", for the first time" : ""}`,
    `  preset   ${preset}`,
    `  account  ${account}`,
    `  region   ${region}`,
    ...(stack ? [] : [`  creates  ${stacks.length} stacks with ${resources} resources`]),
    `  takes    ${time}`,
    `  costs    about $${Math.round(usdMonthly)} a month without requests${region === PRICED_REGION ? "" : `, at the prices of ${PRICED_REGION}`} (npm run cost -- --preset ${preset})`,
    "",
  ].join("\n");
}

/** Warns about stacks of another version of this project, which this version does not have. SST leaves them unchanged. */
function strangers({ region }: StageArguments, plan: Plan, { stacks }: Examination): string[] {
  return stacks
    .filter((stack) => !isBootstrap(stack) && !plan.stacks.includes(stack.fullName))
    .map(
      ({ name, fullName }) =>
        `! The stage has the stack ${name} of another version, which stays and is billed: when nothing needs it, run \`aws cloudformation delete-stack --region ${region} --stack-name ${fullName}\`.`,
    );
}

/** Makes what SST expects to exist, and removes what it would fail on. */
async function prepare(target: StageArguments, { stacks }: Examination, terminal: Terminal): Promise<void> {
  // Missing permissions were reported by the checks; the deployment may still succeed without this step.
  const made = await makeRoles(target).catch(() => []);
  if (made.length > 0) terminal.done("roles", `made ${made.join(" and ")}`);
  if (await activateCostTag(target).catch(() => false)) terminal.done("cost tag", "activated");
  await watchImages(target, terminal);
  for (const stack of neverComplete(stacks)) {
    terminal.doing(stack.name, "deleting what its failed creation left");
    const pause = () => sleep(CLEARED_AFTER_MILLISECONDS);
    await orSentence(() => clearStack(stack, target.stage, target, pause));
    terminal.done(stack.name, "cleared: its creation had failed");
  }
}

/** Amazon ECR scans an image when it is pushed, so this must be on before the first push. */
async function watchImages(target: StageArguments, terminal: Terminal): Promise<void> {
  if (await scanOnPush(target, target).catch(() => false)) terminal.done("image scan", "switched on");
}

async function deploy(
  target: StageArguments,
  { assembly, examination, terminal }: { assembly: string; examination: Examination; terminal: Terminal },
): Promise<number> {
  const logFile = join(ROOT, ".sst", `deploy-${target.stage}.log`);
  const cleared = neverComplete(examination.stacks);
  const before = examination.stacks.filter((stack) => !cleared.includes(stack));
  const work = runSst([...sstArguments("deploy", target), "--from", assembly], { logFile });
  // The bootstrap of a new account creates the repository, long before the images of the services are pushed.
  const onDone = async (name: string) => {
    if (name === "CDKToolkit") await watchImages(target, terminal);
  };
  const watched = { stage: target.stage, before, access: target, terminal, onDone };
  const followed = await followStacks(watched, work);
  const code = await work;
  if (followed.unseen !== undefined) console.error(unseenText(followed.unseen, code));
  else if (code === INTERRUPTED) console.error(interruptedText(target, followed));
  else if (code !== 0) console.error(failedText(target, followed, readFileSync(logFile, "utf8"), logFile));
  else console.log(doneText(target, followed));
  return code;
}

function unseenText(reason: string, code: number): string {
  return `\n${reason} ${code === 0 ? "SST says that all went well." : "CloudFormation goes on by itself with what it had begun; the same command continues from there."}`;
}

function interruptedText({ stage }: StageArguments, { stacks }: Followed): string {
  const busy = stacks.filter(({ status }) => status.endsWith("_IN_PROGRESS")).map(({ name }) => name);
  const goesOn =
    busy.length > 0 ? `CloudFormation goes on by itself with ${busy.join(", ")}` : "Nothing is under way";
  return `\nInterrupted. ${goesOn}; see \`npm run preflight -- --stage ${stage}\`. The same command continues from there.`;
}

function failedText({ stage }: StageArguments, { failed }: Followed, said: string, logFile: string): string {
  return [
    "",
    failed.length > 0 ? `Failed: ${failed.join(", ")}. SST says:` : "The deployment has failed. SST says:",
    lastWords(said),
    "",
    `Each failed stack has rolled back by itself; the stacks that were changed before it have not. Fix the cause, then run the same command again:`,
    `it deletes the rest of a failed creation and continues. The whole output of SST is in ${logFile}; docs/deploy.md, "Roll back", has more for ${stage}.`,
  ].join("\n");
}

function doneText({ stage, region, stack }: StageArguments, { stacks, changed }: Followed): string {
  const ours = stacks.filter((one) => !isBootstrap(one));
  // The outputs that one stack exports for another, and SST's own notes, do not help a person.
  const outputs = ours.flatMap((one) =>
    Object.entries(one.outputs).filter(([name]) => !/^(Export|SSTMetadata)/.test(name)),
  );
  const count = changed.filter((name) => ours.some((one) => one.name === name)).length;
  const width = Math.max(0, ...outputs.map(([name]) => name.length));
  const inRegion = region === "us-east-1" ? "" : ` --region ${region}`;
  return [
    "",
    count > 0 ? `Deployed: ${count} of ${ours.length} stacks changed.` : "Deployed: nothing had to change.",
    "",
    ...outputs.sort().map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    ...(stack
      ? []
      : [
          "",
          "Next",
          `  npm run smoke -- --stage ${stage}${inRegion}   places an order of a cent, and sees it recorded`,
          `  npm run ops -- ps --stage ${stage}${inRegion}  shows what runs`,
          `  npm run remove -- --stage ${stage}${inRegion}  removes it, and says what is left`,
        ]),
  ].join("\n");
}
