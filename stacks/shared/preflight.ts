import { accountOf } from "./aws-access.ts";
import { checkBrokerOffer } from "./broker-offer.ts";
import { checkCertificate } from "./certificate.ts";
import { environmentOf, loadEnvironmentFiles } from "./environment.ts";
import { Refusal } from "./refusal.ts";
import { DEFAULT_REGION, EDGE_REGION, REGIONS, unknownRegion } from "./regions.ts";
import { checkStageName } from "./stage-name.ts";

/** What SST hands to `config`. */
export interface Globals {
  stage?: string | undefined;
  region?: string | undefined;
  profile?: string | undefined;
  /** The words of the command line, which SST passes on without saying so in its type. */
  _?: readonly unknown[] | undefined;
}

export interface Target {
  stage: string;
  region: string;
  /** Unknown as long as nobody has asked AWS, or AWS has asked for a code. */
  account?: string | undefined;
}

const CREATING = ["build", "deploy", "dev", "diff"];

/**
 * Everything that can be known to be wrong before anything is created, each with one sentence that says what to do. Runs in SST's `config`,
 * which comes before its own first call to AWS; what only matters to a new thing does not stop `remove`.
 */
export async function preflight(globals: Globals): Promise<Target> {
  const { region = DEFAULT_REGION, profile, _: [command] = [] } = globals;
  const stage = globals.stage ?? process.env.SST_STAGE;
  if (!stage)
    throw new Refusal("Name a stage: add `--stage dev`, or `--stage prod` for the highly available one.");
  checkStageName(stage);
  if (!Object.hasOwn(REGIONS, region)) throw new Refusal(unknownRegion(region));
  loadEnvironmentFiles(stage);
  const environment = environmentOf();
  const isCreating = CREATING.includes(String(command));
  if (isCreating && region !== EDGE_REGION && !environment.WEB_ACL_ARN) throw firewallFirst(stage, region);
  if (!isCreating && command !== "remove") return { stage, region };

  const access = { region, profile };
  const account = await accountOf(access);
  if (isCreating && account) {
    await Promise.all([checkBrokerOffer(stage, access), checkCertificate(environment, access)]);
  }
  return { stage, region, account };
}

function firewallFirst(stage: string, region: string): Refusal {
  return new Refusal(
    `A stage in ${region} needs its firewall from ${EDGE_REGION} first: run \`npm run deploy -- Firewall --stage ${stage} --region ${EDGE_REGION}\` and put the WebAclArn that it prints into .env.${stage} as WEB_ACL_ARN=...`,
  );
}
