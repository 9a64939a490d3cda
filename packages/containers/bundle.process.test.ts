import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const directory = mkdtempSync(join(tmpdir(), "cloud-design-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Code from patches/postgres@3.4.9.patch; esbuild drops its comments. */
const PATCHED = "Math.max(0, notBefore - ";

test.each(["inventory", "billing"])("the bundle of %s contains the patched driver", async (service) => {
  const file = join(directory, `${service}.mjs`);
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, "bundle.ts"), service, file]);
  expect(readFileSync(file, "utf8")).toContain(PATCHED);
});
