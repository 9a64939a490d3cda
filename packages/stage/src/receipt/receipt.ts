import { type AwsAccess, explained } from "../aws-access.ts";
import { stageSettings } from "../preset.ts";
import { MONTH_OF } from "../prices.ts";
import { EDGE_REGION } from "../regions.ts";
import { bootstrap } from "./bootstrap.ts";
import type { Asked, Found, StackResource, StageStack, StandingStack } from "./found.ts";
import { LOOKS } from "./looks.ts";
import { listStacks, stagesOf, standing } from "./stacks.ts";
import { taggedWith } from "./tagged.ts";

const CLOUDFORMATION = "CloudFormation";
const BOOTSTRAP = "the account's bootstrap";

export interface Row extends Found {
  service: string;
  /** The stack that owns it, and with which it is deleted. */
  stack?: string | undefined;
}

export interface StackRow {
  name: string;
  status: string;
  resources: number;
  /** The price of its resources, as far as it is known. */
  usdMonthly: number;
  /** The reasons why it was not deleted: the stack's own, and each resource's. */
  reasons: string[];
}

/** The resources of a stage in an account, from the account itself. */
export interface Receipt {
  stage: string;
  account: string;
  region: string;
  profile?: string | undefined;
  /** Whether a stack of the stage stands here, or has in the last 90 days, for which CloudFormation lists it. */
  isKnown: boolean;
  stacks: StackRow[];
  left: Row[];
  /** The services that could not be asked, with the reasons. */
  unanswered: { service: string; reason: string }[];
  otherStages: string[];
  /** The bootstrap that all stages share, when this was the last stage. */
  bootstrap: Row[];
  /** The price of the stage alone, as far as it is known. */
  usdMonthly: number;
  /** The number of unknown prices. */
  unknown: number;
}

/** Whether every remaining resource stays on purpose or is deleted by AWS itself. */
export function isAsExpected({ stacks, left }: Receipt): boolean {
  return stacks.length === 0 && left.every(({ why }) => why !== undefined);
}

/** Whether in addition every service has answered. */
export function isCertain(receipt: Receipt): boolean {
  return isAsExpected(receipt) && receipt.unanswered.length === 0;
}

export async function receiptOf(stage: string, account: string, access: AwsAccess): Promise<Receipt> {
  const unanswered: Receipt["unanswered"] = [];
  const ask = async <T>(service: string, answer: () => Promise<T>, otherwise: T): Promise<T> =>
    answer().catch((error: unknown) => {
      unanswered.push({ service, reason: explained(error, access).message });
      return otherwise;
    });

  const stacks = await ask(CLOUDFORMATION, () => listStacks(access), []);
  const [stands, tagged, firewall] = await Promise.all([
    ask(CLOUDFORMATION, () => standing(access, stacks, stage), []),
    ask("Resource Groups Tagging API", () => taggedWith(stage, access), new Set<string>()),
    ask(`CloudFormation in ${EDGE_REGION}`, () => firewallElsewhere(stage, access), []),
  ]);
  const asked: Asked = {
    ...access,
    stage,
    account,
    settings: stageSettings(stage),
    tagged,
    stacks,
    standing: stands,
  };
  const found = await Promise.all(
    LOOKS.map(({ service, find }) => ask(service, async () => withService(await find(asked), service), [])),
  );
  const rows = [...found.flat().map((row) => inItsStack(row, stands)), ...firewall];
  const left = rows.filter(({ stack }) => stack === undefined);
  const otherStages = stagesOf(stacks).filter((other) => other !== stage);
  const isLast = stands.length === 0 && otherStages.length === 0 && !isBlind({ unanswered });
  const shared = isLast ? await ask(BOOTSTRAP, () => bootstrap(asked), []) : [];
  return {
    stage,
    account,
    region: access.region,
    profile: access.profile,
    isKnown: stacks.some((each) => each.stage === stage),
    stacks: stands.map((stack) => stackRow(stack, rows)),
    left,
    unanswered,
    otherStages,
    bootstrap: withService(shared, "CloudFormation"),
    usdMonthly: sum(rows),
    unknown: rows.filter(({ usdMonthly }) => usdMonthly === undefined).length,
  };
}

/** Whether the other stages or the bootstrap could not be listed. */
export function isBlind({ unanswered }: Pick<Receipt, "unanswered">): boolean {
  return unanswered.some(({ service }) => service === CLOUDFORMATION || service === BOOTSTRAP);
}

function withService(found: readonly Found[], service: string): Row[] {
  return found.map((each) => ({ service, ...each }));
}

function inItsStack(row: Row, stacks: readonly StandingStack[]): Row {
  // A dashboard and a database may have the same name.
  const isIt = ({ type, id }: StackResource) => type === row.type && id === row.id;
  const owner = stacks.find(({ resources }) => resources.some(isIt));
  return owner ? { ...row, stack: owner.name } : row;
}

function stackRow({ name, status, reason, resources }: StandingStack, rows: readonly Row[]): StackRow {
  const failed = resources.flatMap(({ logicalId, reason }) => (reason ? [`${logicalId}: ${reason}`] : []));
  return {
    name,
    status,
    resources: resources.length,
    usdMonthly: sum(rows.filter(({ stack }) => stack === name)),
    reasons: status.endsWith("_FAILED") ? [...(reason ? [reason] : []), ...failed] : [],
  };
}

function sum(rows: readonly Row[]): number {
  return rows.reduce((total, { usdMonthly = 0 }) => total + usdMonthly, 0);
}

/** CloudFront takes its firewall only from us-east-1, so a stage in another region has a separate stack there. */
async function firewallElsewhere(stage: string, access: AwsAccess): Promise<Row[]> {
  if (access.region === EDGE_REGION) return [];
  const isFirewall = (stack: StageStack) => stack.name === `${stage}-cloud-design-Firewall` && !stack.isGone;
  const stacks = (await listStacks({ ...access, region: EDGE_REGION })).filter(isFirewall);
  const profile = access.profile ? ` --profile ${access.profile}` : "";
  return stacks.map(({ name }) => ({
    service: "WAF",
    type: "AWS::CloudFormation::Stack",
    id: name,
    name: `firewall of CloudFront: stack ${name} in ${EDGE_REGION}`,
    usdMonthly: MONTH_OF.webAcl(),
    commands: [`npm run remove -- Firewall --stage ${stage} --region ${EDGE_REGION}${profile}`],
  }));
}
