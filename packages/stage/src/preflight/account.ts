import { CloudFrontClient, ListDistributionsCommand } from "@aws-sdk/client-cloudfront";
import {
  CostExplorerClient,
  ListCostAllocationTagsCommand,
  UpdateCostAllocationTagsStatusCommand,
} from "@aws-sdk/client-cost-explorer";
import { DescribeAvailabilityZonesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateServiceLinkedRoleCommand, GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { type AwsAccess, clientSettings, explained } from "../aws-access.ts";
import { stageSettings } from "../preset.ts";
import { Refusal } from "../refusal.ts";
import { EDGE_REGION, zonesOf } from "../regions.ts";
import { askForBrokers } from "./broker-offer.ts";
import { Warning } from "./finding.ts";

/** AWS creates these roles on first use of a service; a deployment that is faster than that fails. */
const ROLES = { ecs: "AWSServiceRoleForECS", rds: "AWSServiceRoleForRDS" };
/** SST puts this tag on every resource; the budget filters by it. */
export const COST_TAG = "sst:stage";

/** Amazon MQ lists the offered broker types by zone letter, which means another zone in each account. */
export async function checkBrokerZones(stage: string, isNew: boolean, access: AwsAccess): Promise<string> {
  if (!isNew) return "the broker stands where it was made";
  const { zones, brokerInstance, brokerMode } = stageSettings(stage);
  if (brokerInstance === "container") return "a container runs in every zone";
  const wanted = zonesOf(access.region).slice(0, brokerMode === "CLUSTER_MULTI_AZ" ? zones : 1);
  const offers = await askForBrokers(access);
  const offer = offers.find(({ HostInstanceType }) => HostInstanceType === brokerInstance);
  const { AvailabilityZones = [] } = await new EC2Client(clientSettings(access)).send(
    new DescribeAvailabilityZonesCommand({}),
  );
  const idOf = (name: string | undefined) =>
    AvailabilityZones.find(({ ZoneName }) => ZoneName === name)?.ZoneId ?? name;
  const offered = (offer?.AvailabilityZones ?? []).map(({ Name }) => idOf(Name));
  if (offered.length === 0) throw new Warning("Amazon MQ does not say in which zones it offers the broker.");
  const missing = wanted.filter((zone) => !offered.includes(zone));
  if (missing.length === 0) return `${brokerInstance} in ${wanted.join(", ")}`;
  // A warning only: the list is meant for a choice, and only the creation decides.
  throw new Warning(
    `Amazon MQ lists ${brokerInstance} in ${offered.join(", ")} and not in ${missing.join(", ")}, so the broker may fail after 20 minutes: change the zones of ${access.region} in packages/stage/src/regions.ts, or take another region.`,
  );
}

export async function checkRoles(access: AwsAccess): Promise<string> {
  const missing = await missingRoles(access);
  if (missing.length === 0) return `${Object.values(ROLES).join(", ")} are there`;
  const commands = missing.map(
    (name) => `\`aws iam create-service-linked-role --aws-service-name ${name}.amazonaws.com\``,
  );
  throw new Warning(
    `The first deployment of an account needs ${missing.map((name) => ROLES[name]).join(" and ")}: \`npm run deploy\` makes them, or ${commands.join(" and ")}.`,
  );
}

/** Creates the roles that `checkRoles` misses; returns their names. */
export async function makeRoles(access: AwsAccess): Promise<string[]> {
  const client = new IAMClient(clientSettings(access));
  const missing = await missingRoles(access);
  for (const name of missing) {
    await client.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: `${name}.amazonaws.com` }));
  }
  return missing.map((name) => ROLES[name]);
}

async function missingRoles(access: AwsAccess): Promise<(keyof typeof ROLES)[]> {
  const client = new IAMClient(clientSettings(access));
  const found = await Promise.all(
    (Object.keys(ROLES) as (keyof typeof ROLES)[]).map(async (name) => {
      try {
        await client.send(new GetRoleCommand({ RoleName: ROLES[name] }));
        return [];
      } catch (error) {
        if (error instanceof Error && error.name.startsWith("NoSuchEntity")) return [name];
        throw error;
      }
    }),
  );
  return found.flat();
}

/** AWS verifies a young account before it may have a distribution, and reports that only when one is created. */
export async function checkCloudFront(access: AwsAccess): Promise<string> {
  const client = new CloudFrontClient(clientSettings({ ...access, region: EDGE_REGION }));
  const { DistributionList } = await client.send(new ListDistributionsCommand({ MaxItems: 1 }));
  if ((DistributionList?.Quantity ?? 0) > 0) return "the account has a distribution, so it is verified";
  throw new Warning(
    'The account has no distribution yet. AWS refuses one to a young account ("must be verified"), and says so only then: if Site fails with that, open a case with AWS Support, and deploy again.',
  );
}

/** Costs and budget count by this tag once it is active. */
export async function checkCostTag(access: AwsAccess): Promise<string> {
  const status = await costTagStatus(access);
  if (status === "Active") return `${COST_TAG} is active`;
  throw new Warning(
    status === undefined
      ? `AWS does not know the tag ${COST_TAG} yet, and the budget counts $0 until it does: it appears within a day of the first deployment, and the deployment after that activates it.`
      : `The tag ${COST_TAG} is not active, and the budget counts $0: \`npm run deploy\` activates it, and costs are counted from then on.`,
  );
}

/** Activates the tag if AWS knows it. Returns whether it did. */
export async function activateCostTag(access: AwsAccess): Promise<boolean> {
  if ((await costTagStatus(access)) !== "Inactive") return false;
  const command = new UpdateCostAllocationTagsStatusCommand({
    CostAllocationTagsStatus: [{ TagKey: COST_TAG, Status: "Active" }],
  });
  await costClient(access).send(command);
  return true;
}

/** Undefined while AWS has not seen the tag on a bill. */
export async function costTagStatus(access: AwsAccess): Promise<string | undefined> {
  const question = new ListCostAllocationTagsCommand({ TagKeys: [COST_TAG], Type: "UserDefined" });
  const { CostAllocationTags: tags = [] } = await costClient(access)
    .send(question)
    .catch((error: unknown) => {
      if (error instanceof Error && /linked account/i.test(error.message)) {
        throw new Warning(
          `Only the account that pays can activate the tag ${COST_TAG}, and the budget counts $0 until it has: ask its owner for \`aws ce update-cost-allocation-tags-status --cost-allocation-tags-status TagKey=${COST_TAG},Status=Active\`.`,
        );
      }
      throw error;
    });
  return tags[0]?.Status;
}

export function costClient({ profile }: AwsAccess): CostExplorerClient {
  // The only endpoint of Cost Explorer.
  return new CostExplorerClient(clientSettings({ region: "us-east-1", profile }));
}

/** Turns a denial by AWS into a warning: a check without an answer must not stop a deployment. */
export async function orUnknown(look: () => Promise<string>, access: AwsAccess): Promise<string> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Warning || error instanceof Refusal) throw error;
    throw new Warning(`Not known. ${explained(error, access).message}`);
  }
}
