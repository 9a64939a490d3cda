import { parseArguments, parseSelection, parseWhy } from "../../../dead-letters/arguments.ts";
import { changeLetters } from "../../../dead-letters/change-letters.ts";

/** Deletes dead letters, but never the last trace of an accepted order. */
export async function run(args: string[]): Promise<number> {
  const parsed = parseArguments("drop", args, {
    cause: { type: "string" },
    why: { type: "string" },
    "dry-run": { type: "boolean" },
  });
  const select = parseSelection(parsed);
  const why = parseWhy(parsed);
  return changeLetters(parsed, select, (queue, by) => ({ action: "drop", queue, select, by, why }));
}
