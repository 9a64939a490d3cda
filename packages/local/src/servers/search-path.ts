import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

// Homebrew's folders, which a non-interactive PATH often lacks.
const HOMEBREW = ["/opt/homebrew/bin", "/opt/homebrew/sbin", "/usr/local/bin", "/usr/local/sbin"];

/** Folders with programs: those of the PATH, and the usual ones. */
export const PROGRAM_FOLDERS = [
  ...(process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== ""),
  ...HOMEBREW,
  "/usr/bin",
  "/bin",
];

export const SEARCH_PATH = PROGRAM_FOLDERS.join(delimiter);

export function isInstalled(program: string): boolean {
  return findProgram(program) !== undefined;
}

export function findProgram(program: string): string | undefined {
  return PROGRAM_FOLDERS.map((folder) => join(folder, program)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
