import { createInterface } from "node:readline/promises";
import { keptBy, unprotect } from "../../../../stacks/removal.ts";
import { type StageSettings, settingsOf } from "../../../../stacks/stages.ts";
import { SetupError } from "../part.ts";
import { parseStage, runSst, type StageArguments, sstArguments } from "../sst.ts";

const HELP = `npm run remove -- [STACK] --stage NAME [FLAG...]
  --stage NAME    what to remove
  --region NAME   where it is, default us-east-1
  --profile NAME  of the AWS configuration, default AWS_PROFILE
  --yes           without asking for the stage's name
A STACK removes that one alone: its name, or a part of it.`;

/** `npm run remove -- --stage NAME`: shows what goes and what stays, asks for the stage's name, and hands over to SST. */
export async function run(args: string[]): Promise<number> {
  const target = await parseStage("remove", args, { help: HELP, flags: { yes: { type: "boolean" } } });
  if (target === undefined) return 0;
  console.log(previewOf(target));
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
  return runSst(sstArguments("remove", target));
}

export function previewOf({ stage, region, account, stack }: StageArguments): string {
  const settings = settingsOf(stage);
  const kept = Object.values(keptBy(settings));
  const commands = unprotect(settings, { stage, region });
  const list = (lines: readonly string[]) => lines.map((line) => `  - ${line}`);
  return [
    `Removing ${stack ? `the stack ${stack}` : "all"} of stage ${stage}, account ${account ?? "of your code"}, region ${region}`,
    "",
    "Goes for good:",
    ...list(stack ? [`what the stack ${stack} has made`] : goneWith(settings)),
    "",
    "Stays, and is billed until you delete it:",
    ...list(
      kept.length > 0 ? kept : ["what RabbitMQ and Container Insights logged, until it is a few days old"],
    ),
    ...(commands.length > 0
      ? [
          "",
          "Protected. Lift that first, or the removal stops half-way:",
          ...commands.map((command) => `  ${command}`),
        ]
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
