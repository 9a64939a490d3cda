import type { AwsAccess } from "../aws-access.ts";
import { checkBrokerZones, checkCloudFront, checkCostTag, checkRoles, orUnknown } from "./account.ts";
import { checkBootstrap } from "./bootstrap.ts";
import { checkDocker } from "./docker.ts";
import { type Finding, findingOf } from "./finding.ts";
import { checkImageScan } from "./image-scan.ts";
import type { Target } from "./preflight.ts";
import { checkAddresses, checkConcurrency, checkFargate, checkNetworks, concurrencyOf } from "./quotas.ts";
import { FIRST_STACK } from "./remembered.ts";
import { isBootstrap, type StageStack, stacksOf } from "./stage-stacks.ts";
import { checkStageState, isNeverComplete } from "./stage-state.ts";

export interface Examination {
  stacks: StageStack[];
  /** Whether the stage is not made yet: at most the firewall of one in another region, or the rest of a first attempt. */
  isFirst: boolean;
  hasFailed: boolean;
  /** Whether the account cannot reserve the concurrency that the stage's functions should have. */
  sharesConcurrency: boolean;
}

/** Checks machine, stage and account in parallel before anything is created; `report` gets the checks in a fixed order. */
export async function examine(
  target: Target,
  access: AwsAccess,
  report: (finding: Finding) => void,
): Promise<Examination> {
  const { stage, region } = target;
  const stacks = await stacksOf(stage, access);
  const ours = stacks.filter((stack) => !isBootstrap(stack));
  const isFirst = !ours.some(({ name, status }) => name === FIRST_STACK && !isNeverComplete(status));
  const ask = (check: string, look: () => Promise<string>) => findingOf(check, () => orUnknown(look, access));
  let sharesConcurrency = false;
  const findings = [
    findingOf("Docker", () => checkDocker()),
    findingOf("stacks", () => checkStageState(stacks, { stage, region })),
    findingOf("bootstrap", () => checkBootstrap(stacks)),
    ask("broker's zones", () => checkBrokerZones(stage, isFirst, access)),
    ask("Elastic IPs", () => checkAddresses(stage, isFirst, access)),
    ask("VPCs", () => checkNetworks(isFirst, access)),
    ask("concurrency", async () => {
      const concurrency = await concurrencyOf(stage, isFirst, access);
      sharesConcurrency = concurrency.reserved > concurrency.free;
      return checkConcurrency(concurrency, access);
    }),
    ask("Fargate", () => checkFargate(stage, access)),
    ask("roles", () => checkRoles(access)),
    ask("CloudFront", () => checkCloudFront(access)),
    ask("image scan", () => checkImageScan(target, access)),
    ask("cost tag", () => checkCostTag(access)),
  ];
  let hasFailed = false;
  for (const finding of await Promise.all(findings)) {
    hasFailed ||= finding.state === "failed";
    report(finding);
  }
  return { stacks, isFirst, hasFailed, sharesConcurrency };
}
