import {
  CloudFormationClient,
  DeleteStackCommand,
  paginateListStackResources,
  type StackResourceSummary,
} from "@aws-sdk/client-cloudformation";
import {
  CognitoIdentityProviderClient,
  UpdateUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { type AwsAccess, clientSettings, explained } from "../aws-access.ts";
import { unprotectBalancer, unprotectDatabase } from "../protection.ts";
import { Refusal } from "../refusal.ts";
import { type StageStack, stacksOf } from "./stage-stacks.ts";
import { isNeverComplete } from "./stage-state.ts";

/**
 * Deletes a stack whose creation failed, with the resources that CloudFormation could not roll back because they have deletion protection
 * already; they were never in use. Resolves when the stack is deleted; calls `pause` between two requests. Looks again before, because another
 * deployment may have made the stack since it was listed, and then throws a Refusal.
 */
export async function clearStack(
  { fullName }: StageStack,
  stage: string,
  access: AwsAccess,
  pause: () => Promise<unknown>,
): Promise<void> {
  const client = new CloudFormationClient(clientSettings(access));
  const stackNow = async () => (await stacksOf(stage, access)).find((one) => one.fullName === fullName);
  const found = await stackNow();
  if (found === undefined) return;
  if (!isNeverComplete(found.status)) {
    throw new Refusal(
      `Meanwhile another deployment has begun: the stack ${fullName} is ${found.status}. Wait until it has ended, then type the same command again.`,
    );
  }
  try {
    for (const resource of await remainsOf(fullName, client)) await unprotect(resource, access);
    await client.send(new DeleteStackCommand({ StackName: fullName }));
  } catch (error) {
    throw explained(error, access);
  }
  for (;;) {
    const stack = await stackNow();
    if (stack === undefined) return;
    if (stack.status === "DELETE_FAILED") {
      throw new Refusal(
        `The stack ${fullName}, whose creation failed, cannot be deleted: look at its events in CloudFormation, delete what they name, then deploy again.`,
      );
    }
    await pause();
  }
}

async function remainsOf(StackName: string, client: CloudFormationClient): Promise<StackResourceSummary[]> {
  const found: StackResourceSummary[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName })) {
    found.push(...StackResourceSummaries);
  }
  return found.filter(({ ResourceStatus }) => ResourceStatus !== "DELETE_COMPLETE");
}

async function unprotect(
  { ResourceType: type, PhysicalResourceId: id }: StackResourceSummary,
  access: AwsAccess,
): Promise<void> {
  if (id === undefined) return;
  if (type === "AWS::RDS::DBInstance") await unprotectDatabase(id, access).catch(unlessGone);
  if (type === "AWS::ElasticLoadBalancingV2::LoadBalancer")
    await unprotectBalancer(id, access).catch(unlessGone);
  if (type === "AWS::Cognito::UserPool") {
    const change = { UserPoolId: id, DeletionProtection: "INACTIVE" as const };
    await new CognitoIdentityProviderClient(clientSettings(access))
      .send(new UpdateUserPoolCommand(change))
      .catch(unlessGone);
  }
}

/** CloudFormation also lists resources that it never created. */
function unlessGone(error: unknown): void {
  if (!(error instanceof Error && /NotFound/.test(error.name))) throw error;
}
