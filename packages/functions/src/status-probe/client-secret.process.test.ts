import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readClientSecret } from "./client-secret.ts";

let server: Server;
let client: object;
let asked: unknown[];

beforeEach(async () => {
  asked = [];
  client = { ClientId: "probe", ClientSecret: "from Cognito" };
  server = createServer(async (request, response) => {
    asked.push([request.headers["x-amz-target"], await json(request)]);
    response
      .writeHead(200, { "content-type": "application/x-amz-json-1.1" })
      .end(JSON.stringify({ UserPoolClient: client }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  vi.stubEnv(
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  );
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "nobody");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "nothing");
});

afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
});

test("the client's secret is read from Cognito", async () => {
  const secret = await readClientSecret({ USER_POOL_ID: "us-east-1_Pool", CLIENT_ID: "probe" });
  expect(secret).toBe("from Cognito");
  expect(asked).toEqual([
    [
      "AWSCognitoIdentityProviderService.DescribeUserPoolClient",
      { UserPoolId: "us-east-1_Pool", ClientId: "probe" },
    ],
  ]);
});

test("Cognito is not called when the secret is given", async () => {
  expect(await readClientSecret({ CLIENT_SECRET: "given", CLIENT_ID: "probe" })).toBe("given");
  expect(asked).toEqual([]);
});

test("a public client gives an error that names it", async () => {
  client = { ClientId: "probe" };
  const read = readClientSecret({ USER_POOL_ID: "us-east-1_Pool", CLIENT_ID: "probe" });
  await expect(read).rejects.toThrow("The client probe has no secret.");
});
