import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { beginLedger } from "./ledger.ts";
import { type ProbeDependencies, probe } from "./probe.ts";

type Answers = Record<string, RequestListener>;

const servers: Server[] = [];
let site: Answers;
let inventory: Answers;
let billing: Answers;
let deps: ProbeDependencies;

const json =
  (body: unknown, status = 200): RequestListener =>
  (_, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
const platformStatus = { status: "up", checked_at: "2026-11-26T10:00:00Z", components: [] };
/** CloudFront's answer when it cannot reach the API. */
const cloudFrontError: RequestListener = (_, response) => {
  response.writeHead(502, { "content-type": "text/html" }).end("<h1>502 ERROR</h1>");
};
const tokens = (token: string) => ({ get: async () => token, forget() {} });
const nobody = "http://127.0.0.1:1";
const fail = () => Promise.reject(new Error("not now"));

async function serve(answers: Answers): Promise<string> {
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0] ?? "";
    (answers[path] ?? json({}, 404))(request, response);
  });
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeEach(async () => {
  site = {
    "/api/status": json(platformStatus),
    "/api/movies": (request, response) =>
      request.headers.authorization === "Bearer good"
        ? json([])(request, response)
        : json({}, 401)(request, response),
    "/jwks.json": json({ keys: [{ kid: "1" }] }),
  };
  inventory = { "/health/components": json({ "inventory-database": "up" }) };
  billing = {
    "/health/components": json({ "billing-database": "up", rabbitmq: "up" }),
  };
  const siteUrl = await serve(site);
  deps = {
    siteUrl,
    jwksUrl: `${siteUrl}/jwks.json`,
    inventoryUrl: await serve(inventory),
    billingUrl: await serve(billing),
    token: tokens("good"),
    journal: { read: async (readTo) => ({ acceptances: [], readTo, isComplete: true, isCurrent: true }) },
    countDeadLetters: async () => 0,
    countInSqs: async () => ({ standard: 0, priority: 0 }),
    countInBroker: async () => ({ ready: { standard: 0, priority: 0 }, consumers: 1 }),
    askBilling: async () => ({ recorded: [], rejected: [], held: 0, holder: "one" }),
    settleSeconds: 30,
  };
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

const check = async () => (await probe(deps, beginLedger(Date.now()))).check;

/** Every component that is not up, by name. */
async function unwell(): Promise<Record<string, string>> {
  const { components } = await check();
  const entries = Object.entries(components).map(([id, { state }]) => [id, state]);
  return Object.fromEntries(entries.filter(([, state]) => state !== "up"));
}

test("finds every component of a working platform up, each with the time of its answer", async () => {
  const { components, orders } = await check();
  for (const component of Object.values(components))
    expect(component).toEqual({ state: "up", latencyMs: expect.any(Number) });
  expect(orders).toMatchObject({ waiting: 0, oldestSeconds: 0, ledger: { inFlight: 0, unaccounted: 0 } });
});

describe("reports only the component that is down:", () => {
  test.each<[string, () => void, Record<string, string>]>([
    ["the site", () => Object.assign(deps, { siteUrl: nobody }), { api: "down" }],
    [
      "the API behind the site",
      () => Object.assign(site, { "/api/status": cloudFrontError }),
      { api: "down" },
    ],
    [
      "the API, reported by the edge in JSON",
      () => Object.assign(site, { "/api/status": json({ title: "Unavailable" }, 503) }),
      { api: "down" },
    ],
    ["the authorizer", () => Object.assign(deps, { token: tokens("bad") }), { api: "degraded" }],
    [
      "the token endpoint",
      () => Object.assign(deps, { token: { get: fail, forget() {} } }),
      { api: "degraded" },
    ],
    ["the issuer", () => Object.assign(deps, { jwksUrl: nobody }), { "sign-in": "down" }],
    [
      "inventory, whose 503 does not make the API down",
      () => {
        deps.inventoryUrl = nobody;
        Object.assign(site, { "/api/movies": json({}, 503) });
      },
      { inventory: "down", "inventory-database": "unknown" },
    ],
    [
      "inventory's database",
      () => Object.assign(inventory, { "/health/components": json({ "inventory-database": "down" }) }),
      { "inventory-database": "down" },
    ],
    ["SQS", () => Object.assign(deps, { countInSqs: fail }), { "orders-queue": "down" }],
    [
      "RabbitMQ, without which billing has nothing to do",
      () => {
        deps.countInBroker = fail;
        Object.assign(billing, {
          "/health/components": json({ "billing-database": "up", rabbitmq: "down" }),
        });
      },
      { rabbitmq: "down", billing: "degraded" },
    ],
    [
      "billing's connection to a working RabbitMQ",
      () =>
        Object.assign(billing, {
          "/health/components": json({ "billing-database": "up", rabbitmq: "down" }),
        }),
      { billing: "degraded" },
    ],
    [
      "billing",
      () => Object.assign(deps, { billingUrl: nobody }),
      { billing: "down", "billing-database": "unknown" },
    ],
    [
      "a billing that reports that it settles nothing",
      () =>
        Object.assign(billing, {
          "/health/components": json({ billing: "degraded", "billing-database": "up", rabbitmq: "up" }),
        }),
      { billing: "degraded" },
    ],
    [
      "billing's database",
      () =>
        Object.assign(billing, {
          "/health/components": json({ "billing-database": "down", rabbitmq: "up" }),
        }),
      { "billing-database": "down" },
    ],
  ])("%s", async (_, breakIt, expected) => {
    breakIt();
    expect(await unwell()).toEqual(expected);
  });
});

test("a frozen inventory, on which the gateway gives up after 6 s, does not make the API down", {
  timeout: 20_000,
}, async () => {
  Object.assign(inventory, { "/health/components": () => {} });
  Object.assign(site, {
    "/api/movies": (...[request, response]: Parameters<RequestListener>) =>
      void setTimeout(() => json({}, 503)(request, response), 6_000),
  });
  expect(await unwell()).toEqual({ inventory: "down", "inventory-database": "unknown" });
});

test("gives up on a component that never answers", async () => {
  Object.assign(site, { "/api/status": () => {} });
  Object.assign(billing, { "/health/components": () => {} });
  expect(await unwell()).toEqual({ api: "down", billing: "down", "billing-database": "unknown" });
});

test("a refused token is not used again", async () => {
  const shown = ["stale", "good"];
  deps.token = { get: async () => shown[0] ?? "", forget: () => void shown.shift() };
  expect(await unwell()).toEqual({ api: "degraded" });
  expect(await unwell()).toEqual({});
});

test("the API's latency does not include getting the token", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  deps.token = { get: () => promise, forget() {} };
  const startedAt = performance.now();
  const checking = check();
  setTimeout(() => resolve("good"), 1_000);
  const { latencyMs } = (await checking).components.api;
  expect(latencyMs).toBeLessThan(performance.now() - startedAt - 990);
});

describe("a billing that reports itself up and settles nothing while orders wait", () => {
  async function states(checks: number): Promise<(string | undefined)[]> {
    deps.countInBroker = async () => ({ ready: { standard: 0, priority: 0 }, consumers: 1 });
    deps.askBilling = async () => ({ recorded: [], rejected: [], held: 1, holder: "one" });
    deps.journal.read = async (readTo) => ({
      acceptances: [{ id: "waiting", at: Date.now() - 60_000 }],
      readTo,
      isComplete: true,
      isCurrent: true,
    });
    const found = [];
    let ledger = beginLedger(0);
    for (let number = 0; number < checks; number++) {
      const { check, ledger: after } = await probe(deps, ledger);
      ledger = after;
      found.push(check.components.billing.state);
    }
    return found;
  }

  test("is degraded at the second check, then down", async () => {
    expect(await states(4)).toEqual(["up", "degraded", "down", "down"]);
  });

  test("is only degraded while its database, for which it waits, is down", async () => {
    Object.assign(billing, { "/health/components": json({ "billing-database": "down", rabbitmq: "up" }) });
    expect(await states(4)).toEqual(["up", "degraded", "degraded", "degraded"]);
  });
});
