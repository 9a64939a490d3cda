import { readFileSync } from "node:fs";
import { sourceOf } from "@cloud-design/local/platform/bundle";
import type { Part } from "@cloud-design/local/supervisor/part";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import type { Lab } from "../chaos/lab.ts";
import { startProcess } from "../chaos/start-process.ts";

interface Change {
  /** Settings to add or to replace. */
  env?: Readonly<Record<string, string>>;
  /** Modules that Node loads before the part's own. */
  preload?: readonly string[];
}

/** Runs a part's process with a change, in the same place and with the same log, as a deployment would. Its disposal brings the original part back. */
export async function inPlaceOf(
  lab: Pick<Lab, "directory" | "ops">,
  name: string,
  change: Change,
): Promise<AsyncDisposable> {
  const part = readPlatform(lab.directory)?.parts[name];
  if (!part) throw new Error(`The platform has no part ${name}.`);
  const [file = "", ...command] = listIn(`/proc/${part.pid}/cmdline`);
  // A module that is loaded before can replace a source, but no part of a bundle.
  const args = change.preload ? command.map(sourceOf) : command;
  const env = Object.fromEntries(listIn(`/proc/${part.pid}/environ`).map(pair));
  const preload = (change.preload ?? []).flatMap((module) => ["--import", module]);
  await lab.ops("stop", name);
  const changed: Part = {
    name,
    needs: [],
    port: part.port,
    url: part.url,
    command: () => ({ file, args: [...preload, ...args], env: { ...env, ...change.env } }),
    isReady: () => answersAnything(part.url),
    readySeconds: 30,
    stopSignal: part.stopSignal,
    stopSeconds: 20,
  };
  const running = await startProcess(changed, part.log);
  return {
    async [Symbol.asyncDispose]() {
      await running.stop();
      await lab.ops("start", name);
    },
  };
}

/** A part without a port counts as ready. */
async function answersAnything(url: string): Promise<boolean> {
  if (url === "") return true;
  const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
  await response.body?.cancel();
  return true;
}

function listIn(path: string): string[] {
  return readFileSync(path, "utf8")
    .split("\0")
    .filter((text) => text !== "");
}

function pair(text: string): [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}
