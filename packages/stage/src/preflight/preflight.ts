import { type Caller, identify } from "../aws-access.ts";
import { environmentOf, loadEnvironmentFiles, type StackEnvironment } from "../environment.ts";
import { checkRegion, checkStageName } from "../name.ts";
import { PROD, stageSettings } from "../preset.ts";
import { Refusal } from "../refusal.ts";
import { DEFAULT_REGION, EDGE_REGION } from "../regions.ts";
import { settingsOf } from "../settings.ts";
import { checkBrokerOffer } from "./broker-offer.ts";
import { checkCertificate } from "./certificate.ts";
import { type Finding, findingOf } from "./finding.ts";
import { rememberedOf, settlePreset, wantedOf } from "./remembered.ts";

/** The argument of SST's `config`. */
export interface Globals {
  stage?: string | undefined;
  region?: string | undefined;
  profile?: string | undefined;
  /** This project's own commands have it; SST has no such flag. */
  preset?: string | undefined;
  /** The same. */
  with?: string | undefined;
  /** The words of the command line, which SST passes although its type does not have them. */
  _?: readonly unknown[] | undefined;
}

export interface Target {
  stage: string;
  region: string;
  /** Undefined before the first request to AWS, and when AWS has asked for a one-time code. */
  account?: string | undefined;
}

/** `start` is SST's former name of `dev`, which it still accepts. */
const LIVE = ["dev", "start"];
const CREATING = ["build", "deploy", "diff", "preflight", ...LIVE];
/** Commands that reach the account; a build needs no credentials. */
const REACHING = ["deploy", "diff", "preflight", "remove", "left", "sleep", "wake", ...LIVE];

/**
 * Finds every mistake that can be found before anything is created, each with one sentence that says the remedy. Runs in SST's `config`, which
 * comes before SST's own first call to AWS. A check that matters only to new resources does not stop `remove`. `report` gets each finding.
 */
export async function preflight(
  globals: Globals,
  report: (finding: Finding) => void = () => {},
): Promise<Target> {
  const check = async (name: string, look: () => Promise<string> | string) => {
    const finding = await findingOf(name, look);
    report(finding);
    if (finding.state === "failed") throw new Refusal(finding.says);
  };
  const { region = DEFAULT_REGION, profile, _: [command] = [] } = globals;
  const stage = globals.stage ?? process.env.SST_STAGE ?? "";
  const named = { preset: globals.preset, addition: globals.with };
  const isCreating = CREATING.includes(String(command));
  await check("stage", () => checkStage(stage, command));
  await check("region", () => checkRegion(region));
  let environment: StackEnvironment = {};
  await check("settings", () => {
    const files = loadEnvironmentFiles(stage);
    environment = environmentOf();
    wantedOf(stage, named);
    const set = Object.keys(environment).join(", ") || "no setting is set";
    return `${set}; ${files.length > 0 ? `read ${files.join(", ")}` : `there is no .env.${stage}`}`;
  });
  if (!REACHING.includes(String(command))) {
    await check("preset", () => settlePreset(stage, { named }));
    if (isCreating) await check("firewall", () => checkFirewall(stage, region, environment));
    return { stage, region };
  }

  const access = { region, profile };
  let caller: Caller | undefined;
  await check("credentials", async () => {
    caller = await identify(access);
    return caller
      ? `account ${caller.account}, ${caller.arn}`
      : "they need a one-time code, and SST will ask you for it";
  });
  await check("preset", async () => {
    const remembered = caller && (await rememberedOf(stage, access));
    if (!caller && isCreating && stage !== PROD && !isSaid(wantedOf(stage, named))) {
      throw new Refusal(
        `The credentials need a one-time code, so what ${stage} is made of cannot be read. Say it: --preset with the one that it was made with, and for a learner's stage --with proxy or --with none; or the settings PRESET and WITH.`,
      );
    }
    return settlePreset(stage, { named, remembered });
  });
  if (isCreating) await check("firewall", () => checkFirewall(stage, region, environment));
  if (isCreating && caller) {
    await check("broker", () => checkBrokerOffer(stage, access));
    await check("certificate", () => checkCertificate(environment, access));
  }
  return { stage, region, account: caller?.account };
}

/** Whether nothing is left that only the stage itself knows: a preset without a proxy may have been given one. */
function isSaid({ PRESET, WITH }: StackEnvironment): boolean {
  return PRESET !== undefined && (settingsOf(PRESET).hasProxy || WITH !== undefined);
}

function checkStage(stage: string, command: unknown): string {
  if (stage === "") {
    throw new Refusal("Name a stage: add `--stage dev`, or `--stage prod` for the highly available one.");
  }
  checkStageName(stage);
  if (stage === PROD && LIVE.includes(String(command))) {
    throw new Refusal(
      "prod never runs on a laptop: take a stage of your own, as in `npm run sst -- dev --stage mine`.",
    );
  }
  return stage;
}

/** A web ACL of CloudFront is made in one region. A stage elsewhere names it, unless its preset has no firewall. */
function checkFirewall(stage: string, region: string, { WEB_ACL_ARN }: StackEnvironment): string {
  if (WEB_ACL_ARN) return WEB_ACL_ARN;
  if (!stageSettings(stage).hasFirewall) return "the preset has none";
  if (region === EDGE_REGION) return "the stage makes its own";
  throw new Refusal(
    `A stage in ${region} needs its firewall from ${EDGE_REGION} first: run \`npm run deploy -- Firewall --stage ${stage} --region ${EDGE_REGION}\` and put the WebAclArn that it prints into .env.${stage} as WEB_ACL_ARN=...`,
  );
}
