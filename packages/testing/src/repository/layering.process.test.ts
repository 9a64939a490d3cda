import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { afterAll, expect, test } from "vitest";

const elsewhere = mkdtempSync(join(tmpdir(), "cloud-design-layering-"));
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

const importing = (from: string) => `import { x } from "${from}";\n\nexport const y = x;\n`;

/** Lints one file, under the project's rules, as if it stood at this path. */
function lint(path: string, code: string): { isOk: boolean; output: string } {
  for (const file of ["biome.json", "durations.grit"]) cpSync(join(ROOT, file), join(elsewhere, file));
  mkdirSync(dirname(join(elsewhere, path)), { recursive: true });
  writeFileSync(join(elsewhere, path), code);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, "node_modules/@biomejs/biome/bin/biome"), "lint", "--vcs-enabled=false", path],
    { cwd: elsewhere, encoding: "utf8" },
  );
  return { isOk: status === 0, output: (stdout + stderr).replaceAll(/\s+/g, " ") };
}

test.each([
  ["core has HTTP", "core/src/a.ts", "hono", "core knows no HTTP"],
  [
    "core reads secrets elsewhere than in its one door",
    "core/src/billing/b.ts",
    "@aws-sdk/client-secrets-manager",
    "but in secrets.ts, no AWS",
  ],
  ["core reaches outwards", "core/src/b.ts", "@cloud-design/http", "dependencies point inward"],
  ["inventory meets billing", "core/src/inventory/a.ts", "../billing/index.ts", "know nothing of each other"],
  ["billing meets inventory", "core/src/billing/a.ts", "../inventory/movie.ts", "know nothing of each other"],
  [
    "the inventory service meets billing",
    "containers/inventory/src/a.ts",
    "@cloud-design/core/billing",
    "know nothing of each other",
  ],
  [
    "the billing service meets inventory",
    "containers/billing/src/a.ts",
    "@cloud-design/core/inventory",
    "know nothing of each other",
  ],
  [
    "a function opens a database",
    "functions/src/gateway/a.ts",
    "@cloud-design/core/database",
    "Functions have no database",
  ],
  [
    "a function makes tables, though it is not the one for that",
    "functions/src/order-bridge/a.ts",
    "@cloud-design/core/migrate",
    "Functions have no database",
  ],
  [
    "a function calls a service's code",
    "functions/src/gateway/b.ts",
    "@cloud-design/containers/x",
    "over HTTP and queues",
  ],
  ["a service knows the laptop", "containers/billing/src/b.ts", "@cloud-design/local/x", "nor the laptop"],
  [
    "the status page knows the platform",
    "status/src/a.ts",
    "@cloud-design/http",
    "works when the platform does not",
  ],
  ["a path goes round the exports", "http/src/a.ts", "../../core/src/text.ts", "by its name"],
])("the build fails when %s", (_, path, from, message) => {
  const { isOk, output } = lint(`packages/${path}`, importing(from));
  expect(isOk).toBe(false);
  expect(output).toContain(message);
});

test.each([
  ["a service uses its own noun", "containers/billing/src/c.ts", "@cloud-design/core/billing"],
  ["the status page uses core", "status/src/b.ts", "@cloud-design/core/text"],
])("the build passes when %s", (_, path, from) => {
  expect(lint(`packages/${path}`, importing(from)).isOk).toBe(true);
});

const CLOCK = "wall time is for people and tokens";
test.each([
  "Date.now()",
  "new Date().getTime()",
  "new Date().valueOf()",
  "+new Date()",
  "Number(new Date())",
  "(new Date() - 5)",
  "[1].map(Date.now)",
])("the build fails when a life is measured by %s", (clock) => {
  for (const path of ["packages/core/src/clock.ts", "packages/local/src/clock.ts", "stacks/clock.ts"]) {
    const { isOk, output } = lint(path, `export const since = ${clock};\n`);
    expect(isOk, path).toBe(false);
    expect(output).toContain(CLOCK);
  }
});

test("the build passes when a life is measured by the monotonic clock, and a person is told the time", () => {
  const code = "export const since = performance.now();\nexport const at = new Date().toISOString();\n";
  expect(lint("packages/core/src/clock-good.ts", code)).toMatchObject({ isOk: true });
});

test("a test may ask for the time: it signs tokens and makes certificates", () => {
  expect(lint("packages/core/src/clock.test.ts", "export const now = Date.now();\n").isOk).toBe(true);
});
