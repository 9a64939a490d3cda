import { IMPORT_RETENTION_DAYS } from "@cloud-design/core/inventory";
import { ORDER_BRIDGE } from "@cloud-design/functions/shared/orders-queue-limits";
import { Evening } from "@cloud-design/functions/sleeper/protocol";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { openTerminal } from "@cloud-design/local/terminal/terminal";
import { PROD } from "@cloud-design/stage/preset";
import { PRICED_REGION } from "@cloud-design/stage/prices";
import { isConfirmed } from "../confirm.ts";
import { pricesOf } from "../sleep/prices.ts";
import { drive, sentenceOf, stateOf, widestPart } from "../sleep/sleeper.ts";
import { parseStage, type SeenArguments, type StageArguments } from "../sst.ts";

const HELP = `npm run sleep -- --stage NAME [FLAG...]
  --stage NAME           which; prod is named twice: npm run sleep -- prod --stage prod
  --region NAME          where it is, default AWS_REGION or us-east-1
  --profile NAME         of the AWS configuration, default AWS_PROFILE
  --every-evening HH:MM  falls asleep at that hour each day from now on; off ends it
  --time-zone NAME       of that hour, as in Europe/Paris; default this machine's
  --yes                  does not ask
Services, database and NAT instance stop, and the data stays. Orders are still accepted.
docs/sleep.md says what a stage costs asleep; npm run wake wakes it.`;
const FLAGS = {
  yes: { type: "boolean" },
  "every-evening": { type: "string" },
  "time-zone": { type: "string" },
} as const;

/** `npm run sleep -- --stage NAME`: shows the prices, asks, and stops what can stop, with a line for each part. */
export async function run(args: string[]): Promise<number> {
  const target = await parseStage("sleep", args, { help: HELP, flags: FLAGS });
  if (target === undefined) return 0;
  checkNamedTwice(target);
  checkSeen(target);
  const { "every-evening": hour, "time-zone": zone } = target.values;
  if (hour !== undefined) return setEvening(target, String(hour), zone);
  if (zone !== undefined) throw new SetupError("--time-zone needs --every-evening HH:MM beside it.");
  const { awake, asleep, lines } = pricesOf(target.stage);
  const { state } = await stateOf(target);
  if (state.wanted === "asleep" && state.isSettled) {
    console.log(`${sentenceOf(target, state)} It costs $${asleep} a month.`);
    return 0;
  }
  console.log(`${lines}\n`);
  if (target.region !== PRICED_REGION) console.log(`These are the prices of ${PRICED_REGION}.\n`);
  if (state.wanted === "awake" && !target.values.yes) {
    const { stage } = target;
    if (!(await isConfirmed(`Put the stage ${stage} to sleep?`, `put the stage ${stage} to sleep`))) {
      console.log("Nothing was stopped.");
      return 1;
    }
  }
  await drive(target, "asleep", openTerminal(process.stdout, [widestPart(target)]));
  console.log(
    `\n${target.stage} sleeps, at $${asleep} a month instead of $${awake}. Orders wait for ${ORDER_BRIDGE.retentionDays} days and imports for ${IMPORT_RETENTION_DAYS}, and are lost after that. Wake it: npm run wake -- --stage ${target.stage}`,
  );
  return 0;
}

/** The stage with real orders must not stop by a slip of the hand. */
function checkNamedTwice({ stage, stack }: StageArguments): void {
  if (stage === PROD && stack !== PROD) {
    throw new SetupError(
      `${PROD} has real customers, who can read no movies while it sleeps. If you mean it, name it twice: npm run sleep -- ${PROD} --stage ${PROD}`,
    );
  }
  if (stack !== undefined && stack !== stage)
    throw new SetupError(`npm run sleep puts a whole stage to sleep: leave out ${stack}.`);
}

/** Refuses credentials that AWS answers only with a one-time code: only SST asks for it. */
export function checkSeen<T extends StageArguments>(target: T): asserts target is T & SeenArguments {
  if (target.account === undefined)
    throw new SetupError(
      "AWS asks for a code, which this command does not: name a profile that has signed in.",
    );
}

async function setEvening(target: StageArguments, hour: string, given: unknown): Promise<number> {
  const zone = given === undefined ? Intl.DateTimeFormat().resolvedOptions().timeZone : String(given);
  const evening = hour === "off" ? hour : eveningOf(hour, zone);
  await stateOf(target, { evening });
  console.log(
    evening === "off"
      ? `${target.stage} stays awake in the evening from now on.`
      : `${target.stage} falls asleep every evening at ${evening.at} (${evening.zone}), and is asleep half an hour later. npm run wake wakes it; --every-evening off ends this.`,
  );
  return 0;
}

function eveningOf(at: string, zone: string): Evening {
  const parsed = Evening.safeParse({ at, zone });
  if (parsed.success) return parsed.data;
  const [{ path: [field] = [], message } = { message: "" }] = parsed.error.issues;
  throw new SetupError(
    field === "at" ? `--every-evening ${at} ${message}` : `--time-zone ${zone} ${message}`,
  );
}
