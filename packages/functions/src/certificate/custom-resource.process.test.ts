import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { CloudFormationCustomResourceEvent } from "aws-lambda";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { CertificateApp } from "./app.ts";
import { answer } from "./custom-resource.ts";

const ARN = "arn:aws:acm:us-east-1:123456789012:certificate/1";
const NAMING = { StackId: "stack", RequestId: "request", LogicalResourceId: "BalancerCertificate" };
const PROPERTIES = { ServiceToken: "arn:aws:lambda:x", names: ["localhost"], generation: "1" };

/** The answers that CloudFormation received. */
let told: { method: string | undefined; headers: IncomingHttpHeaders; body: unknown }[];
let status: number;
const server = createServer(async (request, response) => {
  told.push({ method: request.method, headers: request.headers, body: await json(request) });
  response.writeHead(status).end();
});
beforeAll(async () => void (await once(server.listen(0, "127.0.0.1"), "listening")));
afterAll(() => server.close().closeAllConnections());

let done: unknown[][];
beforeEach(() => {
  [told, done, status] = [[], [], 200];
});
const app: CertificateApp = {
  async issue(wanted, arn) {
    done.push(["issue", wanted, arn]);
    return { certificateArn: ARN, authority: "PEM" };
  },
  renew: () => Promise.reject(new Error("not asked for")),
  remove: async (arn) => void done.push(["remove", arn]),
};

function event(RequestType: "Create" | "Update" | "Delete", changes: object = {}) {
  const ResponseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?signature=x`;
  const event: unknown = {
    RequestType,
    ...NAMING,
    ResponseURL,
    ResourceProperties: PROPERTIES,
    ...changes,
  };
  return event as CloudFormationCustomResourceEvent;
}

const WANTED = { names: ["localhost"], generation: "1" };
const GOOD = { ...NAMING, Status: "SUCCESS", PhysicalResourceId: ARN };

test("Create makes a certificate and answers with its ARN and the authority", async () => {
  await answer(event("Create"), app);
  expect(done).toEqual([["issue", WANTED, undefined]]);
  expect(told.map(({ method, body }) => [method, body])).toEqual([
    ["PUT", { ...GOOD, Data: { authority: "PEM" } }],
  ]);
  // The URL's signature does not include a content type.
  expect(told[0]?.headers["content-type"]).toBeUndefined();
});

test("Update replaces the content of the existing certificate", async () => {
  await answer(event("Update", { PhysicalResourceId: ARN }), app);
  expect(done).toEqual([["issue", WANTED, ARN]]);
  expect(told[0]?.body).toEqual({ ...GOOD, Data: { authority: "PEM" } });
});

test("Delete removes the certificate, if one was made", async () => {
  await answer(event("Delete", { PhysicalResourceId: ARN }), app);
  await answer(event("Delete", { PhysicalResourceId: "none" }), app);
  expect(done).toEqual([["remove", ARN]]);
  expect(told.map(({ body }) => body)).toEqual([GOOD, { ...GOOD, PhysicalResourceId: "none" }]);
});

test("a failure is answered with its reason and without a certificate to remove", async () => {
  const failing = { ...app, issue: () => Promise.reject(new Error("ACM is away.")) };
  await answer(event("Create"), failing);
  await answer(event("Update", { PhysicalResourceId: ARN }), failing);
  const failed = { ...NAMING, Status: "FAILED", Reason: "ACM is away." };
  expect(told.map(({ body }) => body)).toEqual([
    { ...failed, PhysicalResourceId: "none" },
    { ...failed, PhysicalResourceId: ARN },
  ]);
});

test("properties without a name are answered with FAILED and make no certificate", async () => {
  await answer(event("Create", { ResourceProperties: { ...PROPERTIES, names: [] } }), app);
  expect(done).toEqual([]);
  expect(told[0]?.body).toMatchObject({ Status: "FAILED", PhysicalResourceId: "none" });
});

test("a refused answer throws, so that Lambda runs the function again", async () => {
  status = 403;
  await expect(answer(event("Create"), app)).rejects.toThrow("refused with 403");
});
