import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import * as z from "zod";
import { clientSettings } from "./aws-access.ts";
import type { StageOutputs } from "./outputs.ts";
import { Refusal } from "./refusal.ts";
import type { StageAccess } from "./resources.ts";

const ANSWER_SECONDS = 10;
const Answer = z.object({ access_token: z.string() });

type Client = "MachineClientId" | "SmokeClientId" | "SeedClientId";

/** The deployment's TokenCommand without its programs: reads the client's secret by IAM and requests a token. Each token costs $0.00225. */
export async function machineToken(
  stage: StageAccess,
  outputs: Pick<StageOutputs, "UserPoolId" | "SignInUrl"> & Partial<Pick<StageOutputs, Client>>,
  as: Client,
): Promise<string> {
  const { UserPoolId, SignInUrl, [as]: ClientId } = outputs;
  if (ClientId === undefined) {
    throw new Refusal(
      `The stage ${stage.stage} has no ${as} yet: deploy this stage first, \`npm run deploy -- --stage ${stage.stage}\`.`,
    );
  }
  const client = new CognitoIdentityProviderClient(clientSettings(stage));
  const { UserPoolClient } = await client
    .send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }))
    .catch((error: Error) => {
      if (error.name !== "ResourceNotFoundException") throw error;
      throw new Refusal(
        `There is no user pool ${UserPoolId} with the client ${ClientId} in ${stage.region} of this account: name another --region or --profile.`,
      );
    });
  const basic = Buffer.from(`${ClientId}:${UserPoolClient?.ClientSecret}`).toString("base64");
  const url = new URL("/oauth2/token", SignInUrl);
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
    signal: AbortSignal.timeout(ANSWER_SECONDS * 1_000),
  }).catch((cause: unknown) => {
    throw new Refusal(`${url} gave no answer within ${ANSWER_SECONDS} s (${cause}).`);
  });
  const answer = Answer.safeParse(
    await response
      .clone()
      .json()
      .catch(() => undefined),
  );
  if (answer.success) return answer.data.access_token;
  throw new Refusal(
    `${url} answered ${response.status} without a token: ${(await response.text()).slice(0, 300)}`,
  );
}
