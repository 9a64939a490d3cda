import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";

/** `npm run format`: formats the code, sorts imports, and applies the linter's safe fixes. */
export async function run(): Promise<number> {
  const biome = resolve(ROOT, "node_modules/@biomejs/biome/bin/biome");
  return (
    spawnSync(process.execPath, [biome, "check", "--write", "."], { cwd: ROOT, stdio: "inherit" }).status ?? 1
  );
}
