import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ROOT } from "@cloud-design/local/platform/settings";
import { expect, inject, test } from "vitest";

test("the smoke test of a deployment passes against the platform on the laptop", async () => {
  const env = { ...process.env, CLOUD_DESIGN_LOCAL: inject("local") };
  const command = ["packages/cli/bin/run.mjs", "smoke"];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT, env });
  expect(stdout).toMatch(/✔ order ord_[\w-]{40} is accepted\n✔ and recorded\n$/);
});
