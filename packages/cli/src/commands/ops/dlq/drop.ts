import { parseArguments, parseSelection, parseWhy } from "../../../dead-letters/arguments.ts";
import { changeLetters } from "../../../dead-letters/change-letters.ts";

/** Throws dead letters away, but never the last trace of an order that was accepted. */
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
