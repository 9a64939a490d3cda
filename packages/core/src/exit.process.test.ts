import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";

const EXIT = JSON.stringify(join(import.meta.dirname, "exit.ts"));

test.each([
  ["nothing is left to do", ""],
  ["a connection is held open", "process.stdin.resume();"],
])("a process ends with its code when %s", async (_, held) => {
  const script = `${held} const { exit } = await import(${EXIT}); exit(3);`;
  const flags = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script];
  const child = spawn(process.execPath, flags, { stdio: ["pipe", "ignore", "inherit"] });
  expect(await once(child, "exit")).toEqual([3, null]);
});
