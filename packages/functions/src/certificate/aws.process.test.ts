import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openAcm, openSecret } from "./aws.ts";

const ARN = "arn:aws:acm:us-east-1:123456789012:certificate/1";
const IDENTITY = { key: "key", cert: "cert", issuer: "issuer" };
const base64 = (text: string) => Buffer.from(text).toString("base64");
const refusal = (type: string): [number, object] => [400, { __type: type, message: type }];

/**
 * The requests to AWS, such as `CertificateManager.ImportCertificate` with its parameters, and the next answers; an
 * empty object when they run out.
 */
let asked: [operation: unknown, parameters: object][];
let answers: [status: number, body: object][];
const server = createServer(async (request, response) => {
  asked.push([request.headers["x-amz-target"], (await json(request)) as object]);
  const [status, body] = answers.shift() ?? [200, {}];
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
});
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  });
});
afterAll(() => server.close().closeAllConnections());
beforeEach(() => {
  [asked, answers] = [[], []];
});
const acm = () => openAcm({ "sst:stage": "test" }, { retrySeconds: 0 });

test("ACM gets a new certificate with its tags, and a renewed one without them", async () => {
  answers = [
    [200, { CertificateArn: ARN }],
    [200, { CertificateArn: ARN }],
  ];
  expect(await acm().import(IDENTITY)).toBe(ARN);
  expect(await acm().import(IDENTITY, ARN)).toBe(ARN);
  const content = {
    PrivateKey: base64("key"),
    Certificate: base64("cert"),
    CertificateChain: base64("issuer"),
  };
  expect(asked).toEqual([
    ["CertificateManager.ImportCertificate", { ...content, Tags: [{ Key: "sst:stage", Value: "test" }] }],
    ["CertificateManager.ImportCertificate", { ...content, CertificateArn: ARN }],
  ]);
});

test("removal of a certificate that the load balancer still uses is retried until it is free", async () => {
  answers = [refusal("ResourceInUseException"), refusal("ResourceInUseException")];
  await acm().remove(ARN);
  expect(asked).toEqual(Array(3).fill(["CertificateManager.DeleteCertificate", { CertificateArn: ARN }]));
});

test("removal rejects when the certificate stays in use, and when access is denied", async () => {
  answers = Array(12).fill(refusal("ResourceInUseException"));
  await expect(acm().remove(ARN)).rejects.toThrow("ResourceInUseException");
  answers = [refusal("AccessDeniedException")];
  await expect(acm().remove(ARN)).rejects.toThrow("AccessDeniedException");
});

test("removal of a certificate that does not exist resolves", async () => {
  answers = [refusal("ResourceNotFoundException")];
  await acm().remove(ARN);
  expect(asked).toHaveLength(1);
});

test("a secret is read and written by its ARN", async () => {
  answers = [[200, { SecretString: "before" }]];
  const secret = openSecret("arn:aws:secretsmanager:x");
  expect(await secret.read()).toBe("before");
  await secret.write("after");
  expect(asked).toEqual([
    ["secretsmanager.GetSecretValue", { SecretId: "arn:aws:secretsmanager:x" }],
    [
      "secretsmanager.PutSecretValue",
      expect.objectContaining({ SecretId: "arn:aws:secretsmanager:x", SecretString: "after" }),
    ],
  ]);
});
