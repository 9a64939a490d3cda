import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

test("an installed Chromium is used as it is", () => {
  const folder = mkdtempSync(join(tmpdir(), "cloud-design-chromium-"));
  try {
    const installed = join(folder, "chromium");
    writeFileSync(installed, "", { mode: 0o755 });
    const code = `
      import { findChromium } from ${JSON.stringify(join(import.meta.dirname, "chromium.ts"))};
      console.log((await findChromium(() => { throw new Error("it unpacks one"); })).executable);`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
      env: { ...process.env, PATH: folder },
      encoding: "utf8",
    });
    expect(stdout).toBe(`${installed}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
