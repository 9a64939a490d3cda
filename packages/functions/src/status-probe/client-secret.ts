import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { SDK_OPTIONS } from "../shared/sdk-options.ts";
import type { StatusProbeEnvironment } from "./env.ts";

/** Read from Cognito, which stores it anyway: a copy elsewhere would cost money and have to be kept in step. */
export async function readClientSecret(
  environment: Pick<StatusProbeEnvironment, "CLIENT_SECRET" | "USER_POOL_ID" | "CLIENT_ID">,
): Promise<string> {
  const { CLIENT_SECRET, USER_POOL_ID, CLIENT_ID } = environment;
  if (CLIENT_SECRET !== undefined) return CLIENT_SECRET;
  const cognito = new CognitoIdentityProviderClient(SDK_OPTIONS);
  const { UserPoolClient } = await cognito.send(
    new DescribeUserPoolClientCommand({ UserPoolId: USER_POOL_ID, ClientId: CLIENT_ID }),
  );
  if (!UserPoolClient?.ClientSecret) throw new Error(`The client ${CLIENT_ID} has no secret.`);
  return UserPoolClient.ClientSecret;
}
