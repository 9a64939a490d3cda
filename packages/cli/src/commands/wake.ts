import { SetupError } from "@cloud-design/local/supervisor/part";
import { openTerminal } from "@cloud-design/local/terminal/terminal";
import { drive, widestPart } from "../sleep/sleeper.ts";
import { smokeTest } from "../smoke.ts";
import { parseStage } from "../sst.ts";
import { subjectOf } from "../stage/subject.ts";
import { checkSeen } from "./sleep.ts";

const HELP = `npm run wake -- --stage NAME [FLAG...]
  --stage NAME    which
  --region NAME   where it is, default AWS_REGION or us-east-1
  --profile NAME  of the AWS configuration, default AWS_PROFILE
It ends with the smoke test: an order of a cent that is recorded.`;
/** The first checks of the balancer, and the orders that have waited meanwhile. */
const PATIENCE_SECONDS = 300;
const MINUTE_MS = 60_000;

/** `npm run wake -- --stage NAME`: starts what sleeps, with a line for each part, and sees that the stage works. */
export async function run(args: string[]): Promise<number> {
  const target = await parseStage("wake", args, { help: HELP });
  if (target === undefined) return 0;
  const { stage, region, profile, stack } = target;
  if (stack !== undefined) throw new SetupError(`npm run wake wakes a whole stage: leave out ${stack}.`);
  checkSeen(target);
  const startedAt = performance.now();
  const minutes = () => ((performance.now() - startedAt) / MINUTE_MS).toFixed(1);
  await drive(target, "awake", openTerminal(process.stdout, [widestPart(target)]));
  console.log(`\nAll parts run after ${minutes()} minutes.`);
  await smokeTest({
    ...(await subjectOf({ stage, region, profile })),
    patienceSeconds: PATIENCE_SECONDS,
    report: (done) => console.log(`✔ ${done}`),
  });
  console.log(
    `\n${stage} is awake, ${minutes()} minutes after the command. The status page says so within minutes.`,
  );
  return 0;
}
