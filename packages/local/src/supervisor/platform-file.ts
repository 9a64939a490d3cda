import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";
import { withStamp } from "../platform/stamp.ts";
import { SetupError } from "./part.ts";
import { isRunning } from "./process-table.ts";

const Identity = z.object({ pid: z.number(), startedAt: z.string() });

const PartRecord = z.object({
  state: z.enum(["starting", "running", "stopped", "failed", "external"]),
  pid: z.number().nullable(),
  /** Start time of the process: together with the pid it identifies the process. */
  startedAt: z.string().nullable(),
  port: z.number(),
  url: z.string(),
  log: z.string(),
  restarts: z.number(),
  stopSignal: z.enum(["SIGTERM", "SIGINT"]),
});

const PlatformFile = z.looseObject({
  version: z.literal(1),
  supervisor: Identity,
  state: z.enum(["starting", "running", "stopping", "stopped"]),
  /** When the platform was started, ISO 8601. */
  startedAt: z.string(),
  control: z.string(),
  parts: z.record(z.string(), PartRecord),
});

export type PartRecord = z.infer<typeof PartRecord>;
export type PlatformFile = z.infer<typeof PlatformFile>;

/** The description of the platform in this directory; undefined if no platform was started there. */
export function readPlatform(directory: string): PlatformFile | undefined {
  let text: string;
  try {
    text = readFileSync(platformPath(directory), "utf8");
  } catch {
    return undefined;
  }
  const parsed = PlatformFile.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new SetupError(
    `${platformPath(directory)} is not of this version: stop what it describes, delete it, and start again.`,
  );
}

/** The description of a platform whose supervisor is alive, or the sentence that says how to get one. */
export function runningPlatform(directory: string): PlatformFile {
  const platform = readPlatform(directory);
  if (platform && isRunning(platform.supervisor)) return platform;
  throw new SetupError(`The platform is not running. Start it with \`${withStamp("npm start")}\`.`);
}

/** Replaced as a whole: readers see the old description or the new one. It holds passwords, so only its owner may read it. */
export function writePlatform(directory: string, platform: PlatformFile): void {
  mkdirSync(directory, { recursive: true });
  const draft = `${platformPath(directory)}.new`;
  writeFileSync(draft, `${JSON.stringify(platform, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, platformPath(directory));
}

export function platformPath(directory: string): string {
  return join(directory, "platform.json");
}
