import { spawnSync } from "node:child_process";
import { idleMonth, totalOf } from "../../../../stacks/prices.ts";
import { settingsOf } from "../../../../stacks/stages.ts";
import { SetupError } from "../part.ts";
import { parseStage, runSst, type StageArguments, sstArguments } from "../sst.ts";

const HELP = `npm run deploy -- [STACK] --stage NAME [FLAG...]
  --stage NAME    dev, pr-7, ...: cheap; prod: highly available
  --region NAME   default us-east-1
  --profile NAME  of the AWS configuration, default AWS_PROFILE
A STACK deploys that one alone: its name, or a part of it.`;
const DOCKER_SECONDS = 20;

/** `npm run deploy -- --stage NAME`: checks what can be checked, says what it is about to do, and hands over to SST. */
export async function run(args: string[]): Promise<number> {
  const target = await parseStage("deploy", args, { help: HELP });
  if (target === undefined) return 0;
  checkDocker(process.env.CDK_DOCKER || "docker");
  console.log(planOf(target));
  return runSst(sstArguments("deploy", target));
}

export function planOf({ stage, region, account, stack }: StageArguments): string {
  const usd = Math.round(totalOf(idleMonth(settingsOf(stage))));
  return [
    `Deploying ${stack ? `the stack ${stack} of ` : ""}cloud-design`,
    `  stage    ${stage}`,
    `  account  ${account ?? "known once you have given your code"}`,
    `  region   ${region}`,
    `  cost     about $${usd} a month while nobody calls it (npm run cost -- --stage ${stage})`,
  ].join("\n");
}

/** The images of the services are built here, and SST would find out only after it has built everything else. */
function checkDocker(command: string): void {
  const { error, status, stderr } = spawnSync(command, ["info"], {
    timeout: DOCKER_SECONDS * 1_000,
    encoding: "utf8",
  });
  if (error && "code" in error && error.code === "ENOENT") {
    throw new SetupError(
      `The images of the services are built here, and there is no ${command}: install Docker, or name finch or podman with CDK_DOCKER.`,
    );
  }
  if (error || status !== 0) {
    const said = error?.message ?? stderr.trim().split("\n").at(-1);
    throw new SetupError(`${command} does not answer: start it, then try again. It says: ${said}`);
  }
}
