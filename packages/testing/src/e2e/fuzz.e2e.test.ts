import { existsSync, readdirSync } from "node:fs";
import { type OperationObject, operationsOf, type Schema } from "@cloud-design/contract/document";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import { memoryMegabytes } from "@cloud-design/local/supervisor/process-table";
import * as fc from "fast-check";
import { afterAll, describe, expect, inject, it } from "vitest";
import { bodyOf, headerValue, queryOf, segmentOf } from "./arbitraries.ts";
import { type Answer, expectNothingOfTheInside, platform, SOON } from "./client.ts";
import { expectDocumented, openApiDocument, validatorOf } from "./documents.ts";
import { rawHttp } from "./raw-http.ts";
import { insertMovie, moviesDatabase, untilSettled } from "./stores.ts";
import { tokens } from "./tokens.ts";

/** The requests are always the same: FUZZ_SEED=random sends others and prints the seed that repeats them, FUZZ_RUNS sends more. */
const { FUZZ_RUNS = 25, FUZZ_SEED = 20_261 } = process.env;
/** Requests to each route and door. */
const RUNS = Number(FUZZ_RUNS);
const SEED = FUZZ_SEED === "random" ? Date.now() % 2 ** 31 : Number(FUZZ_SEED);
const PARAMETERS = { seed: SEED, numRuns: RUNS };
/** Grows with the runs; a short run has the time of any test. */
const TIMEOUT = { timeout: Math.max(60_000, RUNS * 1_000) };

const { inventory, billing } = platform.parts;
const counts: Record<string, number> = {};
// Deliveries of later orders would go to made-up addresses.
afterAll(() => moviesDatabase`TRUNCATE webhooks`);
afterAll(() => console.info(`Seed ${SEED}. Requests:`, counts));

const ROUTES = operationsOf(openApiDocument).map(({ method, path, operation }) => ({
  route: `${method} ${path}`,
  method,
  path,
  operation,
}));
const OF_INVENTORY = ROUTES.filter(({ path }) => /^\/api\/(movies|imports|webhooks)/.test(path));
const OF_BILLING = ROUTES.filter(({ path }) => path === "/api/billing/orders/{id}");
const DOORS = [
  ...ROUTES.map((one) => ({ ...one, door: "the gateway", at: inject("gatewayUrl") })),
  ...OF_INVENTORY.map((one) => ({ ...one, door: "inventory", at: inventory?.url ?? "" })),
  ...OF_BILLING.map((one) => ({ ...one, door: "billing", at: billing?.url ?? "" })),
];

interface Sent {
  target: string;
  headers: string[];
  body: Buffer | undefined;
}

const bodySchema = ({ requestBody }: OperationObject): Schema | undefined =>
  requestBody?.content["application/json"]?.schema;

const contentType = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("application/json", "application/json; charset=utf-8") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"),
  },
  { weight: 1, arbitrary: headerValue },
);
const authorization = fc.oneof(
  { weight: 20, arbitrary: fc.constant(`Bearer ${tokens.ordinary}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(`Bearer ${tokens.admin}`, `bearer  ${tokens.reader}`, `Basic ${tokens.admin}`),
  },
  { weight: 1, arbitrary: headerValue },
);

function headersOf({ parameters = [] }: OperationObject): fc.Arbitrary<string[]> {
  const named = (name: string, value: fc.Arbitrary<string>) => value.map((text) => [`${name}: ${text}`]);
  const sometimes = (lines: fc.Arbitrary<string[]>) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, lines);
  const documented = parameters.filter(({ in: place }) => place === "header");
  return fc
    .tuple(
      named("Authorization", authorization),
      named("Content-Type", contentType),
      ...documented.map(({ name }) => sometimes(named(name, headerValue))),
      sometimes(named("Content-Encoding", fc.constantFrom("gzip", "identity", "br", "x"))),
      sometimes(named("Accept", fc.constantFrom("text/html", "*/*;q=0", "application/xml"))),
      sometimes(named("Cookie", headerValue)),
      sometimes(named("X-HTTP-Method-Override", fc.constantFrom("DELETE", "PUT"))),
      sometimes(named("X-Forwarded-Host", headerValue)),
    )
    .map((lines) => lines.flat());
}

function requestOf(path: string, operation: OperationObject): fc.Arbitrary<Sent> {
  const { parameters = [] } = operation;
  const id = parameters.find(({ in: place }) => place === "path");
  const schema = bodySchema(operation);
  return fc.record({
    target: fc
      .tuple(
        id ? segmentOf(id.schema) : fc.constant(""),
        queryOf(parameters.filter(({ in: place }) => place === "query")),
      )
      .map(([segment, query]) => path.replace("{id}", () => segment) + query),
    headers: headersOf(operation),
    body: schema ? bodyOf(schema) : fc.constant(undefined),
  });
}

async function send(method: string, at: string, { target, headers, body }: Sent): Promise<Answer> {
  const length = body ? [`Content-Length: ${body.length}`] : [];
  return rawHttp(`${method} ${target} HTTP/1.1`, [...headers, ...length], { at, body: body ?? "" });
}

describe.each(DOORS)("$route at $door", ({ route, method, path, operation, at, door }) => {
  it("answers every request as the document says, and accepts nothing that it forbids", TIMEOUT, async () => {
    const existing = await insertMovie();
    const schema = bodySchema(operation);
    await fc.assert(
      fc.asyncProperty(requestOf(path, operation), fc.boolean(), async (sent, isThere) => {
        const target =
          isThere && path.includes("movies/{id}") ? path.replace("{id}", String(existing)) : sent.target;
        const answer = await send(method, at, { ...sent, target });
        counts[`${route} at ${door}`] = (counts[`${route} at ${door}`] ?? 0) + 1;
        expect(answer.status, answer.text).toBeLessThan(500);
        expectDocumented(route, answer);
        if (answer.status >= 400) expectNothingOfTheInside(answer);
        else if (schema) expect(validatorOf(schema)(JSON.parse(String(sent.body)))).toBe(true);
      }),
      // A flaw of the body shows only in a request without another flaw.
      { ...PARAMETERS, numRuns: schema ? RUNS * 4 : RUNS },
    );
  });
});

/** The route that an answer came from; undefined when the request was refused before routing. */
function routeOf({ status, json, text }: Answer): string | undefined {
  if (status === 400) return undefined;
  if (status === 404) return "nothing";
  return Array.isArray(json) ? "the list" : text;
}

describe("a path is the same route at the gateway and at inventory", () => {
  const part = fc.constantFrom(
    ...[
      "api",
      "movies",
      "API",
      "Movies",
      "1",
      "..",
      ".",
      "...",
      "%2e",
      "%2e%2e",
      "%2E.",
      "%2F",
      "%5C",
      "%00",
      "%23",
      "%3F",
    ],
    ...[
      ";",
      "..;",
      "movies;x",
      "%",
      "%ff",
      "%C0%AE",
      "%252e",
      "",
      "*",
      "~",
      "health",
      "%61pi",
      "m%6fvies",
      "@a",
      "a:b",
    ],
  );
  const join = fc.constantFrom("/", "/", "/", "/", "//", "\\", "/./", "%2F");
  const start = fc.constantFrom(
    "/",
    "/api/movies",
    "/api/movies/",
    "//api/movies",
    "http://a/api/movies/",
    "/api/movies/1/",
  );
  const target = fc
    .tuple(
      start,
      fc.array(fc.tuple(part, join), { maxLength: 3 }),
      fc.constantFrom("", "?limit=1", "?limit=1#/..", "#", ";"),
    )
    .map(([first, rest, end]) => first + rest.flat().join("") + end);

  it("or one of them refuses it", TIMEOUT, async () => {
    const headers = [`Authorization: Bearer ${tokens.admin}`];
    await fc.assert(
      fc.asyncProperty(target, async (path) => {
        const [outer, inner] = await Promise.all(
          [inject("gatewayUrl"), inventory?.url ?? ""].map((at) =>
            rawHttp(`GET ${path} HTTP/1.1`, headers, { at }),
          ),
        );
        if (!outer || !inner) throw new Error("no answer");
        counts.paths = (counts.paths ?? 0) + 2;
        const routes = [routeOf(outer), routeOf(inner)];
        if (!routes.includes(undefined)) expect(routes[0], inner.text).toBe(routes[1]);
      }),
      { ...PARAMETERS, numRuns: RUNS * 4 },
    );
  });
});

describe.each(["gateway", "inventory", "billing"])("%s after all of this", (name) => {
  // Read anew: an earlier test may have restarted the part since the platform started.
  const pid = () => readPlatform(inject("local"))?.parts[name]?.pid ?? 0;
  const at = platform.parts[name]?.url ?? "";
  const megabytes = () => memoryMegabytes([pid()]) ?? 0;
  const WIDTH = 50;
  const body = Buffer.alloc(250_000, "x");

  /** 12.5 MB in bodies, and as much in paths and headers that are different each time. */
  async function batch(number: number): Promise<void> {
    const requests = Array.from({ length: WIDTH }, async (_, index) => {
      const unique = `${number}-${index}-${"x".repeat(4_000)}`;
      const headers = [`X-Unique: ${unique}`, "Content-Type: text/plain", `Content-Length: ${body.length}`];
      return rawHttp(`POST /api/movies/${unique} HTTP/1.1`, headers, { at, body });
    });
    for (const answer of await Promise.all(requests)) expect(answer.status).toBeLessThan(500);
  }

  it("keeps no memory and no connection", TIMEOUT, async () => {
    // The heap first grows to the size of this load, and is then measured.
    for (const number of [1, 2]) await batch(number);
    const descriptors = `/proc/${pid()}/fd`;
    const opened = existsSync(descriptors) ? readdirSync(descriptors).length : 0;
    // A leak would add 25 MB in each round. V8 grows and shrinks its heap at will, so not every round shows one.
    const growths: number[] = [];
    for (const numbers of [
      [3, 4],
      [5, 6],
      [7, 8],
    ]) {
      const before = megabytes();
      for (const number of numbers) await batch(number);
      growths.push(megabytes() - before);
    }
    expect(Math.min(...growths)).toBeLessThan(12);
    if (opened > 0)
      await expect.poll(() => readdirSync(descriptors).length, SOON).toBeLessThanOrEqual(opened + 5);
  });
});

afterAll(async () => {
  await moviesDatabase`DELETE FROM movies`;
  await untilSettled();
});
