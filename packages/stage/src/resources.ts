import { CloudFormationClient, paginateListStackResources } from "@aws-sdk/client-cloudformation";
import { type AwsAccess, clientSettings } from "./aws-access.ts";
import { nameOf } from "./names.ts";
import { BROKER_CONTAINER, DATABASES, isThis, type Made, type ServiceName } from "./parts.ts";
import { Refusal } from "./refusal.ts";

export interface StageAccess extends AwsAccess {
  stage: string;
}

export interface StackResource {
  /** The logical id. */
  id: string;
  type: string;
  /** The physical id, a name or an ARN; empty before it exists. */
  physicalId: string;
}

export interface StageResources {
  ofStack(stack: string): Promise<StackResource[]>;
  /** The physical id of this resource. Throws a Refusal when the stage does not have it. */
  physicalId(made: Made): Promise<string>;
}

/** The resources that CloudFormation has made in a stage; each stack is requested once. */
export function resourcesOf(stage: StageAccess): StageResources {
  const asked = new Map<string, Promise<StackResource[]>>();
  const ofStack = (stack: string) => {
    const answer = asked.get(stack) ?? list(stage, stack);
    asked.set(stack, answer);
    return answer;
  };
  return {
    ofStack,
    async physicalId(made) {
      const found = (await ofStack(made.stack)).find((resource) => isThis(made, resource));
      if (found?.physicalId) return found.physicalId;
      throw new Refusal(
        `${nameOf(stage, made.stack)} has no ${made.type} ${made.id} yet: it is being made, or its deployment has failed (${deployAgain(stage)}).`,
      );
    },
  };
}

/** The ARN of the broker's service, in a stage whose broker is a container. */
export async function brokerServiceOf({ ofStack }: StageResources): Promise<string | undefined> {
  const { resource } = BROKER_CONTAINER;
  return (await ofStack(resource.stack)).find((found) => isThis(resource, found))?.physicalId;
}

/** The name of the server with this service's database. */
export async function serverOf(
  stage: StageAccess,
  { ofStack }: StageResources,
  noun: ServiceName,
): Promise<string> {
  const found = (await ofStack(DATABASES.stack)).find(
    ({ type, id }) => type === DATABASES.server && id.includes(noun),
  );
  if (found?.physicalId) return found.physicalId;
  throw new Refusal(
    `${nameOf(stage, DATABASES.stack)} has no server for ${noun} yet: it is being made, or its deployment has failed (${deployAgain(stage)}).`,
  );
}

async function list(stage: StageAccess, stack: string): Promise<StackResource[]> {
  const client = new CloudFormationClient(clientSettings(stage));
  const found: StackResource[] = [];
  try {
    // A stack has 500 resources at most, five pages.
    for await (const { StackResourceSummaries = [] } of paginateListStackResources(
      { client, stopOnSameToken: true },
      { StackName: nameOf(stage, stack) },
    )) {
      for (const {
        LogicalResourceId = "",
        ResourceType = "",
        PhysicalResourceId = "",
      } of StackResourceSummaries)
        found.push({ id: LogicalResourceId, type: ResourceType, physicalId: PhysicalResourceId });
    }
    return found;
  } catch (error) {
    throw isNoStack(error) ? noStack(stage, stack) : error;
  }
}

/** CloudFormation has no error type of its own for a missing stack. */
export function isNoStack(error: unknown): boolean {
  return (
    error instanceof Error && error.name === "ValidationError" && error.message.includes("does not exist")
  );
}

export function noStack(stage: StageAccess, stack: string): Refusal {
  return new Refusal(
    `There is no stack ${nameOf(stage, stack)} in ${stage.region}: name another --region or --profile, or deploy it (${deployAgain(stage)}).`,
  );
}

function deployAgain({ stage }: StageAccess): string {
  return `npm run deploy -- --stage ${stage}`;
}
