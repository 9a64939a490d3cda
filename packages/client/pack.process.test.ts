import { execFile } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "cloud-design-client-"));
const project = join(folder, "project");
const compiler = join(import.meta.dirname, "../../node_modules/typescript/bin/tsc");
/** Enough for a compiler or npm on a busy machine. */
const TIMEOUT = 60_000;

/** Mistakes of a developer that the compiler must report. */
const MISTAKES = `
// @ts-expect-error there is no such path
store.GET("/api/films");
// @ts-expect-error an order has three fields
store.POST("/api/billing", { body: { user_id: 3 } });
// @ts-expect-error a limit is a number
store.GET("/api/movies", { params: { query: { limit: "20" } } });
// @ts-expect-error a path needs its id
store.GET("/api/movies/{id}");
// @ts-expect-error a movie has no such property
data?.titel;
// @ts-expect-error an order that waits is not recorded
order.data?.status satisfies "recorded";
`;
const USE = `import { createMovieStore } from "@cloud-design/client";

const store = createMovieStore({ baseUrl: process.env.BASE_URL ?? "", token: async () => "of somebody" });
const { data, error, response } = await store.GET("/api/movies/{id}", { params: { path: { id: 7 } } });
console.log(data?.title, error && ("detail" in error ? error.detail : error.message), response.status);
const order = await store.POST("/api/billing", { body: { user_id: "3", number_of_items: 5, total_amount: 180 } });
console.log(order.data?.id);
`;

beforeAll(async () => {
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{"name": "project", "private": true, "type": "module"}');
  await run("npm", ["pack", "--pack-destination", folder], { cwd: import.meta.dirname });
  const [tarball = ""] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  // Like the registry's packages. Copied, since npm does not unpack a packed hard link, which pnpm makes.
  const dependencies = ["openapi-fetch", "openapi-typescript-helpers"].map((name) => {
    cpSync(packageFolder(name), join(folder, name), { recursive: true, dereference: true });
    return join(folder, name);
  });
  const flags = ["--offline", "--install-links", "--no-audit", "--no-fund", "--cache", join(folder, "cache")];
  await run("npm", ["install", ...flags, join(folder, tarball), ...dependencies], { cwd: project });
}, TIMEOUT);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function packageFolder(name: string): string {
  const fromFetch = createRequire(createRequire(import.meta.url).resolve("openapi-fetch"));
  return dirname(
    dirname(
      name === "openapi-fetch" ? createRequire(import.meta.url).resolve(name) : fromFetch.resolve(name),
    ),
  );
}

async function compile(source: string): Promise<string> {
  writeFileSync(
    join(project, "use.ts"),
    `declare const process: { env: Record<string, string> };\n${source}`,
  );
  const flags = ["--strict", "--target", "es2024", "--lib", "es2024,dom", "--module", "nodenext"];
  const { stdout } = await run(process.execPath, [compiler, ...flags, "use.ts"], { cwd: project }).catch(
    (error: { stdout: string }) => error,
  );
  return stdout;
}

test("the packed client compiles and runs in an empty project", { timeout: TIMEOUT }, async () => {
  expect(await compile(USE)).toBe("");
  const tokens: unknown[] = [];
  const server = createServer((request, response) => {
    tokens.push(request.headers.authorization);
    const body = request.method === "GET" ? { id: 7, title: "Playtime", description: "" } : { id: "ord_1" };
    response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const env = { ...process.env, BASE_URL: `http://127.0.0.1:${port}` };
  const { stdout } = await run(process.execPath, ["use.js"], { cwd: project, env }).finally(() =>
    server.close(),
  );
  expect(stdout).toBe("Playtime undefined 200\nord_1\n");
  expect(tokens).toEqual(["Bearer of somebody", "Bearer of somebody"]);
});

test("every file in its README is in the package", () => {
  const installed = join(project, "node_modules/@cloud-design/client");
  const listed = [...readFileSync(join(installed, "README.md"), "utf8").matchAll(/^\| `([\w./]+)` +\|/gm)];
  expect(listed.length).toBeGreaterThan(4);
  expect(listed.filter(([, file = ""]) => !existsSync(join(installed, file)))).toEqual([]);
});

test("its types find each mistake of a developer, and no other line", { timeout: TIMEOUT }, async () => {
  expect(await compile(USE + MISTAKES)).toBe("");
  const unexpected = await compile(USE + MISTAKES.replaceAll("@ts-expect-error", ""));
  expect(unexpected.match(/error TS\d+/g)).toHaveLength(MISTAKES.match(/@ts-expect-error/g)?.length ?? 0);
});
