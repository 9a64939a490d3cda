import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { afterAll, expect, test } from "vitest";

const elsewhere = mkdtempSync(join(tmpdir(), "cloud-design-clocks-"));
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

/** Lints one file by the rules of the project, as if it stood at this path. */
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
