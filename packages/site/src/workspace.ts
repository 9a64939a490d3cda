import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

const MARK = "pnpm-workspace.yaml";

/**
 * The root of the workspace that holds `directory`, an absolute path. Never the working directory: npm, pnpm, SST and a person start programs in
 * different ones. Throws when there is none above.
 */
export function workspaceOf(directory: string): string {
  if (existsSync(join(directory, MARK))) return dirname(realpathSync(join(directory, MARK)));
  const parent = dirname(directory);
  if (parent === directory)
    throw new Error(`No folder above holds ${MARK}: run this in a clone of the repository.`);
  return workspaceOf(parent);
}

/** In SST's bundle this module stands in the folder that SST was started in, which the workspace holds as well. */
export const ROOT = workspaceOf(import.meta.dirname);
