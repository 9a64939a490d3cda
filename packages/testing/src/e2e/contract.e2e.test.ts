import { randomBytes, randomUUID } from "node:crypto";
import { operationsOf, scopesOf } from "@cloud-design/contract/document";
import { BILLING_DEAD_LETTERS, BILLING_QUEUE } from "@cloud-design/core/billing/queue";
import { SCOPES } from "@cloud-design/core/identity";
import { ROUTES } from "@cloud-design/functions/gateway/routes";
import type { GetMessage } from "amqplib";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { type CallOptions, call, idOf, SOON, stopped } from "./client.ts";
import {
  ANSWERS,
  expectComponent,
  expectDocumented,
  expectMessage,
  openApiDocument,
  problemsNeverSeen,
  seen,
} from "./documents.ts";
import { tokenWith } from "./forge.ts";
import { endImports, insertMovie, newUserId, publishForeign, untilRecorded, withChannel } from "./stores.ts";

const MOVIE = { title: "Playtime", description: "Comedy, 1967." };
const order = () => ({ user_id: String(newUserId()), number_of_items: "5", total_amount: "180" });

const ROUTE_LIST = operationsOf(openApiDocument).map(({ method, path, operation }) => ({
  route: `${method} ${path}`,
  isPublic: scopesOf(operation).length === 0,
}));
const CLOSED = ROUTE_LIST.filter(({ isPublic }) => !isPublic);
const WITH_BODY = operationsOf(openApiDocument).flatMap(({ method, path, operation }) =>
  operation.requestBody ? [`${method} ${path}`] : [],
);
const READS_OF_MOVIES = ROUTE_LIST.map(({ route }) => route).filter((route) =>
  route.startsWith("GET /api/movies"),
);

let movieId = 0;
beforeAll(async () => {
  movieId = await insertMovie();
});

interface Asked extends CallOptions {
  /** For `{id}`; by default the id of an existing movie. */
  id?: string | number;
  query?: string;
}

/** Sends a request, and validates the answer against the document. */
async function ask(route: string, { id = movieId, query = "", ...options }: Asked = {}) {
  const [method = "", path = ""] = route.split(" ");
  const answer = await call(method, path.replace("{id}", String(id)) + query, options);
  expectDocumented(route, answer);
  return answer;
}

async function expectStatus(status: number, route: string, asked: Asked = {}) {
  const answer = await ask(route, asked);
  expect(answer.status, `${route}: ${answer.text}`).toBe(status);
  return answer;
}

describe("a good request is answered as the document says:", () => {
  it("movies", async () => {
    const created = await expectStatus(200, "POST /api/movies", { body: MOVIE });
    const id = idOf(created);
    await expectStatus(200, "POST /api/movies", { body: MOVIE });
    const page = await expectStatus(200, "GET /api/movies", { query: "?limit=1" });
    expect(page.headers.get("link")).toMatch(/cursor=/);
    await expectStatus(200, "GET /api/movies", { query: "?title=playtime" });
    for (const route of READS_OF_MOVIES) await expectStatus(200, route, { id });
    await expectStatus(200, "PUT /api/movies/{id}", { id, body: { ...MOVIE, description: "" } });
    await expectStatus(200, "DELETE /api/movies/{id}", { id });
    await expectStatus(200, "DELETE /api/movies", { as: "admin" });
    movieId = await insertMovie();
  });

  it("an order, from accepted to recorded or rejected", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const route = "GET /api/billing/orders/{id}";
    await using bridge = await stopped("order-bridge");
    const id = idOf(await expectStatus(200, "POST /api/billing", { body: order(), headers }));
    await expectStatus(202, "POST /api/billing", { body: order(), headers: { prefer: "respond-async" } });
    await expectStatus(202, route, { id });
    await bridge.start();
    await untilRecorded(id);
    expect((await expectStatus(200, route, { id })).json).toMatchObject({ status: "recorded" });
    const other = idOf(await expectStatus(200, "POST /api/billing", { body: order(), headers }));
    await expect
      .poll(async () => (await ask(route, { id: other })).json, SOON)
      .toMatchObject({ status: "rejected" });
  });

  it("an import", async () => {
    await endImports();
    const body = { format: "csv", bytes: 1, sha256: "0".repeat(64) };
    const id = idOf(await expectStatus(202, "POST /api/imports", { body }));
    await expectStatus(200, "GET /api/imports/{id}", { id });
  });

  it("webhooks", async () => {
    const body = { url: "https://shop.example/events", events: ["order.recorded"] };
    const id = idOf(await expectStatus(200, "POST /api/webhooks", { body }));
    await expectStatus(200, "GET /api/webhooks");
    await expectStatus(200, "GET /api/webhooks/{id}", { id });
    await expectStatus(200, "DELETE /api/webhooks/{id}", { id });
  });

  it.each(["GET /api/status", "GET /health/live", "GET /health/ready"])("%s", async (route) => {
    await expectStatus(200, route, { as: null });
  });
});

describe("a refusal is one that the document describes:", () => {
  it.each(CLOSED)("$route without a token, or without its scope", async ({ route }) => {
    await expectStatus(401, route, { as: null });
    const [method = "", path = ""] = route.split(" ");
    const own: unknown = Object(ROUTES)[path][method];
    const token = tokenWith({ scope: SCOPES.filter((scope) => scope !== own).join(" ") });
    await expectStatus(403, route, { as: null, headers: { authorization: `Bearer ${token}` } });
  });

  it.each(ROUTE_LIST)("$route with headers that are too large", async ({ route }) => {
    await expectStatus(431, route, { headers: { "x-filler": "x".repeat(10_240) } });
  });

  it.each(WITH_BODY)("%s with an unacceptable body", async (route) => {
    await expectStatus(400, route, { body: "{" });
    await expectStatus(400, route, { body: { title: 3, user_id: true } });
    await expectStatus(413, route, { body: JSON.stringify(MOVIE).padEnd(256 * 1024 + 1) });
    await expectStatus(415, route, { body: MOVIE, type: "text/plain" });
  });

  it.each(["POST /api/movies", "POST /api/billing"])("%s with a malformed key", async (route) => {
    await expectStatus(400, route, { body: MOVIE, headers: { "idempotency-key": "x".repeat(300) } });
  });

  it("a query, an id, a path", async () => {
    await expectStatus(400, "GET /api/movies", { query: "?limit=0&titel=x" });
    for (const { route } of ROUTE_LIST.filter(({ route }) => route.includes("{id}"))) {
      const body = route.startsWith("PUT") ? { body: MOVIE } : {};
      await expectStatus(400, route, { id: "%ff", ...body });
      await expectStatus(404, route, { id: "none", ...body });
    }
    expectComponent("NotFound", await call("GET", "/api/films"));
  });

  it("a key that was used for another movie", async () => {
    const headers = { "idempotency-key": randomUUID() };
    await expectStatus(200, "POST /api/movies", { body: MOVIE, headers });
    await expectStatus(422, "POST /api/movies", { body: { ...MOVIE, title: "Trafic" }, headers });
  });

  it.each(Object.keys(openApiDocument.paths))("%s by a method that it does not have", async (path) => {
    const target = path.replace("{id}", "1");
    expectComponent("MethodNotAllowed", await call("PATCH", target));
    const options = await call("OPTIONS", target, { as: null });
    expectComponent("Options", options);
    const described = openApiDocument.paths[path]?.description;
    expect(described).toContain(`Allow: ${options.headers.get("allow")}`);
  });

  it("a request for a stopped part", async () => {
    await using sqs = await stopped("sqs");
    await expectStatus(503, "POST /api/billing", { body: order() });
    await using inventory = await stopped("inventory");
    for (const { route } of CLOSED.filter(({ route }) => /\/api\/(movies|imports|webhooks)/.test(route)))
      await expectStatus(503, route, { as: "admin", ...(WITH_BODY.includes(route) && { body: MOVIE }) });
    await expect.poll(async () => (await ask("GET /api/status", { as: null })).status, SOON).toBe(503);
    await inventory.start();
    await sqs.start();
  });

  it("an order while billing is stopped", async () => {
    const id = idOf(await ask("POST /api/billing", { body: order() }));
    await using billing = await stopped("billing");
    await expectStatus(503, "GET /api/billing/orders/{id}", { id });
    await billing.start();
    await untilRecorded(id);
  });
});

describe("a message is one that the AsyncAPI document describes:", () => {
  const take = (queue: string, isWanted: (message: GetMessage) => boolean) =>
    withChannel((channel) =>
      vi.waitFor(async () => {
        // A message from billing_queue is returned when the channel closes: an order of another test must not vanish.
        const message = await channel.get(queue, { noAck: queue === BILLING_DEAD_LETTERS });
        if (!message || !isWanted(message)) throw new Error(`nothing like it in ${queue}`);
        return message;
      }, SOON),
    );

  it("an order of the platform and one of a foreign client, on billing_queue", async () => {
    await using billing = await stopped("billing");
    const traceId = randomBytes(16).toString("hex");
    const traceparent = `00-${traceId}-${randomBytes(8).toString("hex")}-01`;
    const id = idOf(await ask("POST /api/billing", { body: order(), headers: { traceparent } }));
    const ours = await take(BILLING_QUEUE, ({ properties }) => properties.messageId === id);
    expectMessage("order", ours);
    expect(ours.properties).toMatchObject({
      headers: {
        traceparent: expect.stringMatching(`^00-${traceId}-`),
        owner: expect.any(String),
        accepted_at: expect.any(String),
      },
      deliveryMode: 2,
      appId: "cloud-design",
    });
    await publishForeign(order());
    const foreign = await take(BILLING_QUEUE, ({ properties }) => properties.messageId === undefined);
    expectMessage("order", foreign);
    await billing.start();
  });

  it("a malformed order, among the dead letters", async () => {
    const body = JSON.stringify({ no: randomUUID() });
    await publishForeign(body);
    const letter = await take(BILLING_DEAD_LETTERS, ({ content }) => content.toString() === body);
    expectMessage("deadLetter", letter);
    expect(letter.properties.headers).toMatchObject({ "x-reason": expect.stringContaining("user_id") });
  });

  it("a rejected order of the platform, among the dead letters", async () => {
    const headers = { "idempotency-key": randomUUID() };
    await untilRecorded(idOf(await ask("POST /api/billing", { body: order(), headers })));
    const id = idOf(await ask("POST /api/billing", { body: order(), headers }));
    const letter = await take(BILLING_DEAD_LETTERS, ({ properties }) => properties.messageId === id);
    expectMessage("deadLetter", letter);
    expect(letter.properties.headers).toMatchObject({
      "x-reason": expect.stringContaining("Idempotency-Key"),
    });
  });
});

/** Answers that cannot be provoked through port 3000, with the reason. */
const NOT_ON_PURPOSE: [RegExp, string][] = [
  [/ 429$/, "only API Gateway counts requests"],
  [/ 500$/, "an unexpected error cannot be requested"],
  [/ (\/api\/status|\/health\/\w+) 403$/, "the laptop has no CloudFront to bypass"],
  [/ \/health\/\w+ 503$/, "only API Gateway answers for a gateway that cannot"],
];

it("has seen every answer and every problem of the document, except those that cannot be provoked", () => {
  const missing = ANSWERS.filter((answer) => !seen.answers.has(answer));
  expect(missing.filter((answer) => !NOT_ON_PURPOSE.some(([pattern]) => pattern.test(answer)))).toEqual([]);
  for (const [pattern, why] of NOT_ON_PURPOSE) {
    expect(
      missing.some((answer) => pattern.test(answer)),
      why,
    ).toBe(true);
    expect(
      [...seen.answers].filter((answer) => pattern.test(answer)),
      why,
    ).toEqual([]);
  }
  expect(problemsNeverSeen()).toEqual(["direct-access", "request-blocked", "too-many-requests", "internal"]);
});
