import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

export interface SecretsManagerStandIn {
  /** Secret texts by ARN. */
  values: Map<string, string>;
  /** The ARN of each request so far. */
  requests: string[];
  /** While true, every request gets the answer of an overloaded AWS service. */
  isFailing: boolean;
  /** The environment variables that direct the SDK here. */
  env: Record<string, string>;
  close(): void;
}

/** The part of Secrets Manager that the SDK needs to read a secret (AWS JSON 1.1, GetSecretValue). */
export async function startSecretsManager(): Promise<SecretsManagerStandIn> {
  const server = createServer(async (request, response) => {
    const [status, body] = await answer(standIn, request);
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const standIn: SecretsManagerStandIn = {
    values: new Map(),
    requests: [],
    isFailing: false,
    env: {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
    },
    close: () => server.close().closeAllConnections(),
  };
  return standIn;
}

async function answer(standIn: SecretsManagerStandIn, request: IncomingMessage): Promise<[number, object]> {
  const { SecretId: arn } = (await json(request)) as { SecretId: string };
  standIn.requests.push(arn);
  if (request.headers["x-amz-target"] !== "secretsmanager.GetSecretValue")
    return [400, { __type: "InvalidRequestException", Message: "Only GetSecretValue is here." }];
  if (standIn.isFailing) return [500, { __type: "InternalServiceError", Message: "Not now." }];
  const SecretString = standIn.values.get(arn);
  if (SecretString === undefined)
    return [
      400,
      { __type: "ResourceNotFoundException", Message: "Secrets Manager can't find the specified secret." },
    ];
  return [200, { ARN: arn, Name: arn, SecretString, VersionId: "1", VersionStages: ["AWSCURRENT"] }];
}
