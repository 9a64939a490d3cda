import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { createAuthority, createServerIdentity } from "@cloud-design/core/certificate";
import { createLog } from "@cloud-design/core/log";
import { Certificates, trustAlso } from "@cloud-design/core/trust";
import { afterEach, beforeEach, expect, test } from "vitest";
import { trustOnly } from "../shared/ask.ts";
import { askBilling } from "../status-probe/ask-billing.ts";
import { createApp } from "./app.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const [longAgo, yesterday, tomorrow] = [-9, -1, 1].map((days) => new Date(Date.now() + days * DAY_MS)) as [
  Date,
  Date,
  Date,
];
const TODAY = { from: yesterday, until: tomorrow };
const authorityOf = (commonName: string) =>
  createAuthority({
    commonName,
    domains: ["localhost", "elb.amazonaws.com"],
    from: longAgo,
    until: tomorrow,
  });
const ours = authorityOf("ours");
const GOOD = { commonName: "balancer", names: ["localhost"], authority: ours, ...TODAY };

const known = getCACertificates("default");
let server: Server;
let asked: unknown[];
beforeEach(() => {
  asked = [];
  const authorities = Certificates.parse(authorityOf("before").cert + ours.cert);
  trustAlso(authorities);
  trustOnly(authorities);
});
afterEach(() => {
  setDefaultCACertificates(known);
  server.close().closeAllConnections();
});

/** Starts a stand-in for the load balancer; returns its URL. */
async function balancer(identity: Parameters<typeof createServerIdentity>[0]): Promise<string> {
  server = createServer(createServerIdentity(identity), ({ url }, response) => {
    asked.push(url);
    const answers: Record<string, object> = {
      "/health/components": { "inventory-database": "up", "billing-database": "up", rabbitmq: "up" },
      "/ledger/outcomes": { recorded: [], rejected: [], held: 0 },
    };
    response.setHeader("content-type", "application/json").end(JSON.stringify(answers[url ?? ""] ?? []));
  });
  await once(server.listen(0, "localhost"), "listening");
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}

const claims = { sub: "ann", token_use: "access", scope: "movies.read movies.write" };
const env = { event: { requestContext: { authorizer: { jwt: { claims } } } } };
function gateway(url: string) {
  return createApp({
    inventoryUrl: url,
    billingUrl: url,
    siteUrl: "https://docs.example",
    orderIdSecret: "a secret of thirty-two characters",
    queue: { enqueue: async () => {}, countWaiting: async () => 0 },
    log: createLog("test"),
  });
}
const authorization = "Bearer abc";
const GET = { headers: { authorization } };
const POST = {
  method: "POST",
  body: "{}",
  headers: { authorization, "content-type": "application/json" },
};

test("the gateway calls a load balancer with a certificate of the stage's authority", async () => {
  const app = gateway(await balancer(GOOD));
  expect((await app.request("/api/movies", GET, env)).status).toBe(200);
  expect((await app.request("/api/movies", POST, env)).status).toBe(200);
  expect(await (await app.request("/api/status")).json()).toMatchObject({ status: "up" });
});

test.each([
  ["with a certificate of another authority", { ...GOOD, authority: authorityOf("ours") }],
  ["with a self-signed certificate", { commonName: "balancer", names: ["localhost"], ...TODAY }],
  ["with an expired certificate", { ...GOOD, from: longAgo, until: yesterday }],
  ["with a certificate for another name", { ...GOOD, names: ["internal-b-2.us-east-1.elb.amazonaws.com"] }],
])("a load balancer %s gets no request and counts as down", async (_, identity) => {
  const url = await balancer(identity);
  const app = gateway(url);
  for (const init of [GET, POST]) {
    const response = await app.request("/api/movies", init, env);
    expect([response.status, response.headers.get("content-type")]).toEqual([
      503,
      "application/problem+json",
    ]);
    expect(response.headers.get("retry-after")).not.toBeNull();
  }
  const status = await app.request("/api/status");
  expect(await status.json()).toMatchObject({
    components: expect.arrayContaining([expect.objectContaining({ name: "inventory", status: "down" })]),
  });
  const token = { get: async () => "token", forget() {} };
  await expect(askBilling({ billingUrl: url, token }, [], AbortSignal.timeout(5_000))).rejects.toThrow();
  expect(asked).toEqual([]);
});

test("a process without its authority does not call the load balancer", async () => {
  trustOnly([authorityOf("ours").cert]);
  const app = gateway(await balancer(GOOD));
  expect((await app.request("/api/movies", GET, env)).status).toBe(503);
});

test.each(["", "open sesame"])("%j is not a valid authority", (text) => {
  expect(Certificates.safeParse(text).success).toBe(false);
});
