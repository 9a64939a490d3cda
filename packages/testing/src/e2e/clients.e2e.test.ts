import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CLIENT_DIRECTORY, operationsOf } from "@cloud-design/contract/document";
import { afterAll, expect, inject, it } from "vitest";
import * as z from "zod";
import { call, platform, SOON } from "./client.ts";
import { expectDocumented, openApiDocument } from "./documents.ts";
import { type HttpRequest, parseRequests, valueAt } from "./requests-http.ts";
import { insertMovie, orderRow } from "./stores.ts";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "cloud-design-clients-"));
afterAll(() => rmSync(folder, { recursive: true }));

const VARIABLES = {
  baseUrl: inject("gatewayUrl"),
  tokenUrl: `${platform.parts.identity?.url}/oauth2/token`,
};
const assignments = Object.entries(VARIABLES).flatMap(([name, value]) => ["--env-var", `${name}=${value}`]);
const operationCount = operationsOf(openApiDocument).length;

it("the Postman collection runs as a whole, and every assertion holds", async () => {
  const report = join(folder, "newman.json");
  const collection = join(CLIENT_DIRECTORY, "postman_collection.json");
  const newman = join(CLIENT_DIRECTORY, "node_modules/newman/bin/newman.js");
  const kept = await insertMovie();
  const flags = ["--reporters", "json", "--reporter-json-export", report, ...assignments];
  await run(process.execPath, [newman, "run", collection, ...flags]).catch(
    (error: { stdout: string }) => error,
  );

  const { stats, failures, executions } = NewmanReport.parse(JSON.parse(readFileSync(report, "utf8")));
  expect(failures.map(({ source, error }) => `${source.name}: ${error.message}`)).toEqual([]);
  // A repeated request asserts only at its last answer.
  const asserted = executions.filter(({ assertions = [] }) => assertions.length > 0);
  expect(new Set(asserted.map(({ item }) => item.name)).size).toBe(operationCount + 1);
  expect(stats.assertions.total).toBeGreaterThan(2 * operationCount);
  expect((await call("GET", `/api/movies/${kept}`)).status).toBe(200);
});

const NewmanReport = z
  .object({
    run: z.object({
      stats: z.object({ assertions: z.object({ total: z.number() }) }),
      failures: z.array(
        z.object({ source: z.object({ name: z.string() }), error: z.object({ message: z.string() }) }),
      ),
      executions: z.array(
        z.object({ item: z.object({ name: z.string() }), assertions: z.array(z.unknown()).optional() }),
      ),
    }),
  })
  .transform(({ run }) => run);

it("the Bruno collection runs as a whole, and every test holds", async () => {
  const report = join(folder, "bruno.json");
  const collection = join(folder, "bruno");
  cpSync(join(CLIENT_DIRECTORY, "bruno"), collection, { recursive: true });
  const bru = join(CLIENT_DIRECTORY, "node_modules/@usebruno/cli/bin/bru.js");
  const flags = ["run", "-r", "--env", "laptop", "--reporter-json", report, ...assignments];
  await run(process.execPath, [bru, ...flags], { cwd: collection }).catch(
    (error: { stdout: string }) => error,
  );

  const results = BrunoReport.parse(JSON.parse(readFileSync(report, "utf8"))).flatMap(
    ({ results }) => results,
  );
  const tests = results.flatMap(({ testResults }) => testResults);
  expect(tests.filter(({ status }) => status !== "pass")).toEqual([]);
  expect(results.filter(({ error }) => error)).toEqual([]);
  expect(new Set(results.map(({ name }) => name)).size).toBe(operationCount + 1);
  expect(tests.length).toBeGreaterThan(2 * operationCount);
});

const BrunoReport = z.array(
  z.object({
    results: z.array(
      z.object({
        name: z.string(),
        error: z.unknown(),
        testResults: z.array(z.object({ description: z.string(), status: z.string() })),
      }),
    ),
  }),
);

it("the requests for an editor go from top to bottom, as the document says", async () => {
  const requests = parseRequests(readFileSync(join(CLIENT_DIRECTORY, "requests.http"), "utf8"), VARIABLES);
  const answers = new Map<string, unknown>();
  for (const request of requests) {
    const isLast = request.name === "getOrder";
    // The order appears a moment later; a reader sends the request again.
    if (isLast)
      await expect
        .poll(() => orderRow(String(valueAt(answers, "placeOrder.response.body.$.id"))), SOON)
        .toBeDefined();
    answers.set(request.name, await send(request, answers));
  }
  expect(requests).toHaveLength(operationCount + 1);
  expect(answers.get("getOrder")).toMatchObject({ status: "recorded" });
});

/** Through the platform's own client, which reads the answer. The token endpoint is not part of the API. */
async function send(request: HttpRequest, answers: ReadonlyMap<string, unknown>): Promise<unknown> {
  const { method, url, headers, body } = request.fill(answers);
  const { origin, pathname, search } = new URL(url);
  const answer = await call(method, pathname + search, { as: null, at: origin, headers, body, type: null });
  const known = operationsOf(openApiDocument).find(({ operation }) => operation.operationId === request.name);
  if (known) expectDocumented(`${known.method} ${known.path}`, answer);
  expect(answer.status, request.name).toBe({ deleteMovies: 403, createImport: 202 }[request.name] ?? 200);
  return answer.json;
}

it("the client's example places an order and sees it recorded", async () => {
  const env = { ...process.env, BASE_URL: VARIABLES.baseUrl, TOKEN_URL: VARIABLES.tokenUrl };
  const { stdout } = await run(process.execPath, [join(CLIENT_DIRECTORY, "example.ts")], { env });
  const [, id = ""] = /^(ord_[\w-]{40}) is accepted\n\1 is recorded\n$/.exec(stdout) ?? [];
  expect(await orderRow(id), stdout).toMatchObject({ user_id: 3, total_amount: "180.00" });
});
