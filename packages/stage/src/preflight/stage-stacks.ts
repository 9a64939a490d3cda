import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  paginateDescribeStacks,
  type Stack,
} from "@aws-sdk/client-cloudformation";
import { type AwsAccess, clientSettings, explained } from "../aws-access.ts";
import { nameOf } from "../names.ts";

export interface StageStack {
  /** As in `stacks`: `Network`. */
  name: string;
  fullName: string;
  /** CloudFormation's status ("Stack status codes" in its user guide). */
  status: string;
  changedAt: Date | undefined;
  outputs: Record<string, string>;
}

/** The stacks that SST and the CDK create once in an account and region. */
export const BOOTSTRAP_STACKS = ["CDKToolkit", "SSTBootstrap"] as const;

/** The stacks of a stage, and the bootstrap stacks, as CloudFormation reports them now. */
export async function stacksOf(stage: string, access: AwsAccess): Promise<StageStack[]> {
  const prefix = nameOf({ stage }, "");
  const isOurs = (name: string) => name.startsWith(prefix) || BOOTSTRAP_STACKS.some((one) => one === name);
  return (await listStacks(access))
    .filter(({ StackName = "" }) => isOurs(StackName))
    .map(({ StackName: fullName = "", StackStatus: status = "", ...stack }) => ({
      name: fullName.replace(prefix, ""),
      fullName,
      status,
      changedAt: stack.LastUpdatedTime ?? stack.CreationTime,
      outputs: outputsOf(stack.Outputs),
    }));
}

export function isBootstrap({ fullName }: StageStack): boolean {
  return BOOTSTRAP_STACKS.some((name) => name === fullName);
}

async function listStacks(access: AwsAccess): Promise<Stack[]> {
  const client = new CloudFormationClient(clientSettings(access));
  const stacks: Stack[] = [];
  try {
    for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) stacks.push(...Stacks);
    return stacks;
  } catch (error) {
    throw explained(error, access);
  } finally {
    client.destroy();
  }
}

function outputsOf(outputs: Stack["Outputs"] = []): Record<string, string> {
  return Object.fromEntries(outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
}

/** The first resource that failed since `since`, with AWS's own reason. */
export async function firstFailure(
  stackName: string,
  access: AwsAccess,
  since: Date,
): Promise<string | undefined> {
  const client = new CloudFormationClient(clientSettings(access));
  const { StackEvents: events = [] } = await client.send(
    new DescribeStackEventsCommand({ StackName: stackName }),
  );
  // The newest event comes first; other resources under way at the failure are only cancelled.
  const failure = events.findLast(
    ({ ResourceStatus = "", ResourceStatusReason = "", Timestamp, LogicalResourceId }) =>
      ResourceStatus.endsWith("_FAILED") &&
      (Timestamp === undefined || Timestamp >= since) &&
      LogicalResourceId !== stackName &&
      !/cancelled/i.test(ResourceStatusReason),
  );
  return failure && `${failure.LogicalResourceId} (${failure.ResourceType}): ${failure.ResourceStatusReason}`;
}

/** Stages of this project with stacks here, in alphabetical order. */
export async function stagesIn(access: AwsAccess): Promise<string[]> {
  const names = (await listStacks(access)).map(({ StackName = "" }) => StackName);
  return [...new Set(names.flatMap((name) => /^(.+?)-cloud-design-/.exec(name)?.[1] ?? []))].sort();
}
