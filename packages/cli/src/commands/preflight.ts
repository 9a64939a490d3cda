import { SetupError } from "@cloud-design/local/supervisor/part";
import { examine } from "@cloud-design/stage/preflight/examine";
import type { Finding } from "@cloud-design/stage/preflight/finding";
import { orSentence, PRESET_FLAGS, parseStage } from "../sst.ts";
import { findingLine } from "./deploy/show-finding.ts";

const HELP = `npm run preflight -- --stage NAME [FLAG...]
  --stage NAME    the stage that you are going to deploy
  --region NAME   default AWS_REGION or us-east-1
  --profile NAME  of the AWS configuration, default AWS_PROFILE
  --preset NAME   that a new stage is going to have, default standard
  --with proxy    as for npm run deploy
  --json          for programs
Checks this machine, the stage and the account, and changes nothing. Ends with 1 if a deployment would fail.`;

/** `npm run preflight`: a line for each check that a deployment makes before it begins. */
export async function run(args: string[]): Promise<number> {
  const findings: Finding[] = [];
  const isJson = args.includes("--json");
  const report = (finding: Finding) => {
    findings.push(finding);
    if (!isJson) console.log(findingLine(finding, process.stdout));
  };
  try {
    const flags = { ...PRESET_FLAGS, json: { type: "boolean" as const } };
    const target = await parseStage("preflight", args, { help: HELP, flags, report });
    if (target === undefined) return 0;
    if (target.account !== undefined) await orSentence(() => examine(target, target, report));
  } catch (error) {
    // A finding that stops the checks is the last one.
    if (!(error instanceof SetupError) || findings.at(-1)?.state !== "failed") throw error;
  }
  if (isJson) console.log(JSON.stringify(findings, null, 2));
  return findings.some(({ state }) => state === "failed") ? 1 : 0;
}
