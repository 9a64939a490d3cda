import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

const MARK = "pnpm-workspace.yaml";

/**
 * The root of the workspace that contains `directory`, an absolute path. The working directory is not used: npm, pnpm, SST and a person start
 * programs in different ones. Throws when no parent is a workspace.
 */
export function workspaceOf(directory: string): string {
  if (existsSync(join(directory, MARK))) return dirname(realpathSync(join(directory, MARK)));
  const parent = dirname(directory);
  if (parent === directory)
    throw new Error(`No folder above holds ${MARK}: run this in a clone of the repository.`);
  return workspaceOf(parent);
}

/** In SST's bundle this module is in the folder in which SST was started, which the workspace contains as well. */
export const ROOT = workspaceOf(import.meta.dirname);
