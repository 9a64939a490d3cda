import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import * as z from "zod";
import { clientSettings } from "./aws-access.ts";
import { nameOf } from "./names.ts";
import { Refusal } from "./refusal.ts";
import { isNoStack, noStack, type StageAccess } from "./resources.ts";

/** What a deployment prints and a caller needs. */
export const StageOutputs = z.object({
  SiteUrl: z.url(),
  SignInUrl: z.url(),
  UserPoolId: z.string(),
  WebClientId: z.string(),
  MachineClientId: z.string(),
  // A stage that was deployed before these clients existed does not have them.
  SmokeClientId: z.string().optional(),
  SeedClientId: z.string().optional(),
});
export type StageOutputs = z.output<typeof StageOutputs>;

/** The stacks that have these outputs: two questions by name, and not a list of all that the account has. */
const STACKS = ["Site", "Identity"];

/** The addresses and clients of a stage, from CloudFormation: also where it was not deployed from. */
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
