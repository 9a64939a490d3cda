import { existsSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "./part.ts";
import { ROOT } from "./settings.ts";

/** What a person reads of a failure: the way out, never a stack trace unless they asked with DEBUG=1. */
export function explain(error: unknown): string {
  if (error instanceof SetupError) return error.message;
  if (isWithoutStacks(error)) {
    return "What is on AWS is described in the folder stacks, which is not here (an image of the laptop has none): call this in a clone of the repository.";
  }
  if (process.env.DEBUG === "1")
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = error instanceof Error ? error.message : String(error);
  return `${message} (unexpected: run again with DEBUG=1 to see where)`;
}

function isWithoutStacks(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_MODULE_NOT_FOUND" && !existsSync(join(ROOT, "stacks"));
}
