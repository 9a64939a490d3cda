import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { parse } from "yaml";
import * as z from "zod";

const Dependencies = z
  .record(z.string(), z.object({ specifier: z.string(), version: z.string() }))
  .default({});
const References = z.record(z.string(), z.string()).default({});

const Lockfile = z.object({
  importers: z.record(
    z.string(),
    z.object({
      dependencies: Dependencies,
      optionalDependencies: Dependencies,
      devDependencies: Dependencies,
    }),
  ),
  packages: z.record(
    z.string(),
    z.object({
      resolution: z.record(z.string(), z.string()),
      /** For some machines only. */
      os: z.array(z.string()).optional(),
      cpu: z.array(z.string()).optional(),
    }),
  ),
  snapshots: z.record(z.string(), z.object({ dependencies: References, optionalDependencies: References })),
});

export type Lockfile = z.output<typeof Lockfile>;

export function readLockfile(): Lockfile {
  return Lockfile.parse(parse(readFileSync(join(ROOT, "pnpm-lock.yaml"), "utf8")));
}

/** The third-party packages (`name@version`) that these packages of the project need in production, with their dependencies. */
export function productionPackages(
  { importers, snapshots }: Lockfile,
  folders: readonly string[],
): Set<string> {
  const waiting: string[] = [];
  const seen = new Set<string>();
  const add = (name: string, version: string, folder?: string) => {
    const linked = folder === undefined ? undefined : /^link:(.+)$/.exec(version)?.[1];
    const key = linked === undefined ? keyOf(name, version, snapshots) : join(folder ?? "", linked);
    if (!seen.has(key)) waiting.push(key);
    seen.add(key);
  };
  for (const folder of folders) waiting.push(folder);
  for (const key of waiting) {
    const importer = importers[key];
    const needs = importer ?? snapshots[key];
    for (const [name, entry] of Object.entries({ ...needs?.dependencies, ...needs?.optionalDependencies })) {
      if (typeof entry === "string") add(name, entry);
      else add(name, entry.version, key);
    }
  }
  return new Set(waiting.filter((key) => key in snapshots).map(withoutPeers));
}

/** A version is a whole key if the package is installed under another name. */
function keyOf(name: string, version: string, snapshots: Lockfile["snapshots"]): string {
  return version in snapshots ? version : `${name}@${version}`;
}

function withoutPeers(key: string): string {
  return key.replace(/\(.*$/, "");
}
