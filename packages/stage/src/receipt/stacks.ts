import {
  CloudFormationClient,
  GetTemplateCommand,
  paginateListStackResources,
  paginateListStacks,
  type StackSummary,
} from "@aws-sdk/client-cloudformation";
import type { AwsAccess } from "../aws-access.ts";
import { all, patient, type StackResource, type StageStack, type StandingStack } from "./found.ts";

/** Every stack of this project in the region, of any stage; deleted ones come last. */
export async function listStacks(access: AwsAccess): Promise<StageStack[]> {
  const client = new CloudFormationClient(patient(access));
  const summaries = await all(paginateListStacks({ client }, {}), (page) => page.StackSummaries);
  return summaries.flatMap(stageStackOf).sort((a, b) => Number(a.isGone) - Number(b.isGone));
}

/** The existing stacks of one stage, with their resources. */
export async function standing(
  access: AwsAccess,
  stacks: readonly StageStack[],
  stage: string,
): Promise<StandingStack[]> {
  const found: StandingStack[] = [];
  for (const stack of stacks.filter((each) => each.stage === stage && !each.isGone)) {
    found.push({ ...stack, resources: await resourcesOf(access, stack) });
  }
  return found;
}

/** The stages with stacks in this region. */
export function stagesOf(stacks: readonly StageStack[]): string[] {
  return [...new Set(stacks.filter(({ isGone }) => !isGone).map(({ stage }) => stage))].sort();
}

function stageStackOf(summary: StackSummary): StageStack[] {
  const { StackName: name = "", StackId: id = "", StackStatus, StackStatusReason: reason } = summary;
  const stage = /^(.+)-cloud-design-[A-Za-z0-9]+$/.exec(name)?.[1];
  if (stage === undefined) return [];
  const status = StackStatus ?? "unknown";
  return [{ stage, name, id, status, reason, isGone: status === "DELETE_COMPLETE" }];
}

/** The resources of a stack, or the last ones of a deleted stack. */
export async function resourcesOf(
  access: AwsAccess,
  { id, isGone }: Pick<StageStack, "id" | "isGone">,
): Promise<StackResource[]> {
  const client = new CloudFormationClient(patient(access));
  const pages = paginateListStackResources({ client }, { StackName: id });
  const summaries = await all(pages, (page) => page.StackResourceSummaries);
  return summaries
    .filter(({ ResourceStatus = "" }) => isGone || !/^DELETE_(COMPLETE|SKIPPED)$/.test(ResourceStatus))
    .map((summary) => ({
      type: summary.ResourceType ?? "",
      logicalId: summary.LogicalResourceId ?? "",
      id: summary.PhysicalResourceId ?? "",
      ...(summary.ResourceStatus === "DELETE_FAILED" && { reason: summary.ResourceStatusReason }),
    }));
}

/** Properties of a stack's resources by their logical ids, as deployed. */
export async function propertiesOf(
  access: AwsAccess,
  { id }: StageStack,
): Promise<Record<string, Record<string, unknown>>> {
  const client = new CloudFormationClient(patient(access));
  const { TemplateBody = "{}" } = await client.send(new GetTemplateCommand({ StackName: id }));
  const { Resources = {} }: { Resources?: Record<string, { Properties?: Record<string, unknown> }> } =
    JSON.parse(TemplateBody);
  return Object.fromEntries(
    Object.entries(Resources).map(([logicalId, { Properties = {} }]) => [logicalId, Properties]),
  );
}
