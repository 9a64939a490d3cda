import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import * as z from "zod";
import { clientSettings } from "./aws-access.ts";
import { nameOf } from "./names.ts";
import { Refusal } from "./refusal.ts";
import { isNoStack, noStack, type StageAccess } from "./resources.ts";

/** The outputs of a deployment that a caller needs. */
export const StageOutputs = z.object({
  SiteUrl: z.url(),
  SignInUrl: z.url(),
  UserPoolId: z.string(),
  WebClientId: z.string(),
  MachineClientId: z.string(),
  // Absent in a stage that was deployed before these clients existed.
  SmokeClientId: z.string().optional(),
  SeedClientId: z.string().optional(),
});
export type StageOutputs = z.output<typeof StageOutputs>;

/** The stacks with these outputs: two requests by name instead of a list of all stacks of the account. */
const STACKS = ["Site", "Identity"];

/** The addresses and clients of a stage, from CloudFormation, so that a machine that never deployed the stage can read them. */
export async function stageOutputs(stage: StageAccess): Promise<StageOutputs> {
  const client = new CloudFormationClient(clientSettings(stage));
  const stacks = await Promise.all(STACKS.map((stack) => describe(client, stage, stack)));
  const outputs = stacks.flatMap(({ Outputs = [] }) => Outputs);
  const parsed = StageOutputs.safeParse(
    Object.fromEntries(outputs.map(({ OutputKey = "", OutputValue }) => [OutputKey, OutputValue])),
  );
  if (parsed.success) return parsed.data;
  const states = stacks.map(({ StackName, StackStatus }) => `${StackName} is ${StackStatus}`);
  throw new Refusal(
    `The stage ${stage.stage} is half-made (${states.join(", ")}): wait for its deployment, or run \`npm run deploy -- --stage ${stage.stage}\` again.`,
  );
}

async function describe(client: CloudFormationClient, stage: StageAccess, stack: string) {
  const { Stacks: [found] = [] } = await client
    .send(new DescribeStacksCommand({ StackName: nameOf(stage, stack) }))
    .catch((error: unknown) => {
      throw isNoStack(error) ? noStack(stage, stack) : error;
    });
  if (found) return found;
  throw noStack(stage, stack);
}
