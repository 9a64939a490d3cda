import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as z from "zod";
import { type AwsAccess, clientSettings, explained } from "./aws-access.ts";
import { Refusal } from "./refusal.ts";

const Credentials = z.object({ username: z.string(), password: z.string() });
export type Credentials = z.output<typeof Credentials>;

/** A service's user name and password, for a caller that may read its secret by IAM. */
export async function readCredentials(arn: string, access: AwsAccess): Promise<Credentials> {
  const client = new SecretsManagerClient(clientSettings(access));
  try {
    const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    return Credentials.parse(JSON.parse(SecretString));
  } catch (error) {
    // The error of a JSON parser would quote the secret.
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      throw new Refusal(`The secret ${arn} is not a JSON object with username and password.`);
    throw explained(error, access);
  } finally {
    client.destroy();
  }
}
