import { LEDGER_IDS_MAX } from "@cloud-design/core/billing/ledger";
import { describe, expect, inject, it } from "vitest";
import { type CallOptions, call, expectProblem, idOf, platform, tellingOf } from "./client.ts";
import { tokenWith } from "./forge.ts";
import { leavesNoTrace, untilRecorded } from "./stores.ts";
import { tokens } from "./tokens.ts";

const MOVIE = { title: "Straight in", description: "" };
const { url: inventoryUrl = "" } = platform.parts.inventory ?? {};
const { url: billingUrl = "" } = platform.parts.billing ?? {};
const inventory = (method: string, path: string, options: CallOptions = {}) =>
  call(method, path, { ...options, at: inventoryUrl });
const billing = (path: string, options: CallOptions = {}) =>
  call("GET", path, { ...options, at: billingUrl });

const ledger = (body: unknown, options: CallOptions = {}) =>
  call("POST", "/ledger/outcomes", { at: billingUrl, body, ...options });

/** Headers that balancers, gateways and proxies write; a service must not believe them. */
const FORGED = {
  "x-amzn-oidc-data": tokens.admin,
  "x-amzn-oidc-accesstoken": tokens.admin,
  "x-amzn-oidc-identity": "0b7f3c52-6a0e-4f0f-9d6d-2a54e1b0c004",
  "x-amzn-request-context": JSON.stringify({
    authorizer: { jwt: { claims: { token_use: "access", sub: "admin", scope: "movies.admin" } } },
  }),
  "x-forwarded-user": "admin",
  "x-user-id": "0b7f3c52-6a0e-4f0f-9d6d-2a54e1b0c003",
  "x-user-scopes": "movies.admin orders.read",
};

describe("straight at its own port", () => {
  leavesNoTrace();

  it("refuses every request without a token", async () => {
    const options = { as: null };
    expectProblem(await inventory("GET", "/api/movies", options), "unauthenticated");
    expectProblem(await inventory("POST", "/api/movies", { ...options, body: MOVIE }), "unauthenticated");
    expectProblem(await inventory("DELETE", "/api/movies", options), "unauthenticated");
    expectProblem(await billing("/api/billing/orders/1", options), "unauthenticated");
    expectProblem(await ledger({ ids: [] }, options), "unauthenticated");
    const headers = { authorization: `Bearer ${tokenWith({ scope: "orders.write" })}` };
    expectProblem(await ledger({ ids: [] }, { as: null, headers }), "insufficient-scope");
  });

  it("forged headers give no identity, and no further rights", async () => {
    expectProblem(await inventory("GET", "/api/movies", { as: null, headers: FORGED }), "unauthenticated");
    expectProblem(await billing("/api/billing/orders/1", { as: null, headers: FORGED }), "unauthenticated");
    const reader = { as: "reader", headers: FORGED } as const;
    expectProblem(await inventory("POST", "/api/movies", { ...reader, body: MOVIE }), "insufficient-scope");
    expectProblem(await inventory("DELETE", "/api/movies", { headers: FORGED }), "insufficient-scope");
  });

  it("an unknown path is a problem too", async () => {
    for (const path of ["/", "/api/nothing", "/health"]) {
      expectProblem(await inventory("GET", path), "not-found");
      expectProblem(await billing(path), "not-found");
    }
    expectProblem(await inventory("PATCH", "/api/movies"), "method-not-allowed");
    expectProblem(await call("DELETE", "/api/billing/orders/1", { at: billingUrl }), "method-not-allowed");
  });
});

it("billing shows an order only to its owner, whatever the headers say", async () => {
  const body = { user_id: 3, number_of_items: 5, total_amount: 180 };
  const id = idOf(await call("POST", "/api/billing", { as: "premium", body }));
  await untilRecorded(id);
  const path = `/api/billing/orders/${id}`;
  expect((await billing(path, { as: "premium" })).json).toMatchObject({ id, status: "recorded" });
  const unknown = await billing(`/api/billing/orders/ord_${"A".repeat(40)}`);
  expectProblem(unknown, "not-found");
  for (const headers of [{}, FORGED])
    expect(tellingOf(await billing(path, { headers }))).toEqual(tellingOf(unknown));
  expectProblem(await call("GET", path, { as: "ordinary", headers: FORGED }), "not-found");
});

it("billing's ledger says only whether an order has a row, and cannot be reached from outside", async () => {
  const body = { user_id: 3, number_of_items: 5, total_amount: 180 };
  const id = idOf(await call("POST", "/api/billing", { as: "premium", body }));
  await untilRecorded(id);
  const unseen = `ord_${"A".repeat(40)}`;
  expect((await ledger({ ids: [id, unseen] }, { as: "reader" })).json).toEqual({
    recorded: [id],
    rejected: [],
    held: expect.any(Number),
    holder: expect.stringMatching(/^[\da-f-]{36}$/),
  });
  for (const wrong of [{}, { ids: ["1"] }, { ids: Array(LEDGER_IDS_MAX + 1).fill(id) }])
    expectProblem(await ledger(wrong), "invalid-request");
  expectProblem(await ledger({ ids: [id] }, { at: inject("gatewayUrl") }), "not-found");
  // Like CloudFront, the site forwards no such request.
  expect((await ledger({ ids: [id] }, { at: platform.parts.site?.url ?? "" })).status).toBe(403);
});
