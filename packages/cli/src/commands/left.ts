import { SetupError } from "@cloud-design/local/supervisor/part";
import { isCertain, receiptOf } from "@cloud-design/stage/receipt/receipt";
import { receiptText } from "../receipt-text.ts";
import { PRESET_FLAGS, parseStage } from "../sst.ts";
import { checkSeen } from "./sleep.ts";

const HELP = `npm run left -- --stage NAME [FLAG...]
  --stage NAME    whose
  --region NAME   region of the stage, default AWS_REGION or us-east-1
  --profile NAME  of the AWS configuration, default AWS_PROFILE
  --preset NAME   with which a removed stage was made, which says what stays on purpose: learner, standard (default) or hardened
  --json          for programs
It changes nothing. Ends with 1 if more is left than stays on purpose, or if a service could not be read.`;

/** `npm run left -- --stage NAME`: what an account has of a stage, what that costs, and the commands that remove it. */
export async function run(args: string[]): Promise<number> {
  const target = await parseStage("left", args, {
    help: HELP,
    flags: { preset: PRESET_FLAGS.preset, json: { type: "boolean" } },
  });
  if (target === undefined) return 0;
  if (target.stack) throw new SetupError(`npm run left looks at a whole stage: leave out ${target.stack}.`);
  checkSeen(target);
  const { stage, region, profile, account } = target;
  const receipt = await receiptOf(stage, account, { region, profile });
  console.log(target.values.json ? JSON.stringify(receipt, null, 2) : receiptText(receipt));
  return isCertain(receipt) ? 0 : 1;
}
