import { randomUUID } from "node:crypto";
import { parseArguments, parseRate, parseSelection, parseWhy } from "../../../dead-letters/arguments.ts";
import { changeLetters } from "../../../dead-letters/change-letters.ts";

/** Returns dead letters to their queue. Safe to interrupt and to repeat: the id makes one row of each. */
export async function run(args: string[]): Promise<number> {
  const parsed = parseArguments("replay", args, {
    all: { type: "boolean" },
    cause: { type: "string" },
    why: { type: "string" },
    rate: { type: "string" },
    "dry-run": { type: "boolean" },
  });
  const select = parseSelection(parsed);
  const why = parseWhy(parsed);
  const ratePerSecond = parseRate(parsed);
  const runId = randomUUID();
  return changeLetters(parsed, select, (queue, by) => ({
    action: "replay",
    queue,
    select,
    by,
    why,
    run: runId,
    ratePerSecond,
  }));
}
