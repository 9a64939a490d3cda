import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";

const Found = z.object({
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

/** A file, what it imports, and the rule that refuses it. */
const REFUSED = [
  ["packages/core/src/a.ts", "hono", "core-has-no-transport"],
  ["packages/core/src/billing/a.ts", "@aws-sdk/client-secrets-manager", "core-has-no-transport"],
  ["packages/core/src/b.ts", "node:https", "core-has-no-transport"],
  ["packages/core/src/c.ts", "@cloud-design/http", "core-imports"],
  ["packages/core/src/inventory/a.ts", "../billing/index.ts", "inventory-knows-no-billing"],
  ["packages/core/src/billing/b.ts", "../inventory/movie.ts", "billing-knows-no-inventory"],
  ["packages/containers/inventory/src/a.ts", "@cloud-design/core/billing", "inventory-knows-no-billing"],
  ["packages/containers/billing/src/a.ts", "@cloud-design/core/inventory", "billing-knows-no-inventory"],
  ["packages/functions/src/gateway/a.ts", "@cloud-design/core/database", "functions-have-no-database"],
  ["packages/functions/src/order-bridge/a.ts", "@cloud-design/core/migrate", "functions-have-no-database"],
  ["packages/functions/src/gateway/b.ts", "../status-probe/ledger.ts", "one-function-imports-no-other"],
  ["packages/functions/src/gateway/c.ts", "@cloud-design/containers/limits", "functions-imports"],
  ["packages/containers/billing/src/b.ts", "@cloud-design/local/supervisor/flags", "containers-imports"],
  ["packages/http/src/a.ts", "@cloud-design/telemetry", "http-imports"],
  ["packages/telemetry/src/a.ts", "@cloud-design/http", "telemetry-imports"],
  ["packages/status/src/a.ts", "@cloud-design/http", "status-imports"],
  ["packages/client/src/a.ts", "@cloud-design/core/errors", "client-imports"],
  ["packages/contract/src/a.ts", "@cloud-design/site/headers", "contract-imports"],
  ["packages/site/src/a.ts", "@cloud-design/functions/gateway", "site-imports"],
  ["packages/traces/src/a.ts", "@cloud-design/local/supervisor/flags", "traces-imports"],
  ["packages/cloudwatch/src/a.ts", "@cloud-design/stacks/testing/app", "cloudwatch-imports"],
  ["packages/stage/src/a.ts", "@cloud-design/stacks/testing/app", "stage-imports"],
  ["packages/local/src/a.ts", "@cloud-design/lab/launch", "local-imports"],
  ["packages/lab/src/a.ts", "@cloud-design/cli/testing/lockfile", "lab-imports"],
  ["stacks/a.ts", "@cloud-design/local/supervisor/flags", "stacks-imports"],
  ["packages/http/src/b.ts", "../../core/src/text.ts", "by-doors"],
  ["packages/cli/src/a.ts", "@cloud-design/stacks/testing/sst-run", "commands-load-late"],
  ["packages/local/src/b.ts", "../../testing/src/setup/pure.ts", "nobody-imports-testing"],
  ["packages/local/src/c.ts", "./supervisor/testing/fake-parts.ts", "no-tests-in-the-product"],
  ["packages/core/src/d.ts", "./no-such-file.ts", "resolvable"],
  ["packages/core/src/e.ts", "./e.ts", "no-circle"],
] as const;

const PASSED = [
  ["packages/containers/billing/src/c.ts", "@cloud-design/core/billing"],
  ["packages/functions/src/migrate/a.ts", "@cloud-design/core/migrate"],
  ["packages/functions/src/gateway/d.ts", "../shared/sdk-options.ts"],
  ["packages/status/src/b.ts", "./words.ts"],
] as const;

const copy = mkdtempSync(join(tmpdir(), "cloud-design-imports-"));
let violations: z.output<typeof Found>["summary"]["violations"];

beforeAll(() => {
  const isCode = (path: string) => !/node_modules|\/dist(\/|$)|\.test\.ts$/.test(path);
  for (const folder of ["packages", "stacks"])
    cpSync(join(ROOT, folder), join(copy, folder), { recursive: true, filter: isCode });
  linkPackages();
  for (const [path, from] of [...REFUSED, ...PASSED]) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), `import * as imported from "${from}";\n\nconsole.log(imported);\n`);
  }
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs"),
      ...["--config", join(ROOT, ".dependency-cruiser.mjs"), "--output-type", "json"],
      ...["packages", "stacks"],
    ],
    { cwd: copy, encoding: "utf8", maxBuffer: 100_000_000 },
  );
  if (stdout === "") throw new Error(stderr);
  violations = Found.parse(JSON.parse(stdout)).summary.violations;
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Our packages as those of the copy, all others as they are installed here. */
function linkPackages(): void {
  const folders = [...readdirSync(join(ROOT, "packages")).map((name) => `packages/${name}`), "stacks"];
  for (const folder of folders) {
    const modules = join(ROOT, folder, "node_modules");
    mkdirSync(join(copy, folder, "node_modules/@cloud-design"), { recursive: true });
    for (const other of folders) {
      const name = other.replace("packages/", "");
      symlinkSync(join(copy, other), join(copy, folder, "node_modules/@cloud-design", name));
    }
    for (const name of readdirSync(modules)) {
      if (name === "@cloud-design" || name.startsWith(".")) continue;
      symlinkSync(join(modules, name), join(copy, folder, "node_modules", name));
    }
  }
  // For packages that import hono or the SDK without naming it.
  symlinkSync(join(ROOT, "packages/functions/node_modules"), join(copy, "node_modules"));
}

test.each(REFUSED)("%s may not import %s", (path, _, rule) => {
  expect(violations.filter(({ from }) => from === path).map(({ rule }) => rule.name)).toContain(rule);
});

test.each(PASSED)("%s may import %s", (path) => {
  expect(violations.filter(({ from }) => from === path)).toEqual([]);
});

test("each rule refuses something here", async () => {
  const { default: config } = await import(join(ROOT, ".dependency-cruiser.mjs"));
  const { forbidden } = z.object({ forbidden: z.array(z.object({ name: z.string() })) }).parse(config);
  const names = forbidden.map(({ name }) => name);
  const cli = "cli-imports"; // cli may import all but testing and site, which their own rules keep
  expect(new Set([...REFUSED.map(([, , rule]) => rule), cli])).toEqual(new Set(names));
});
