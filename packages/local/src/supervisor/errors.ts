import { SetupError } from "./part.ts";

/** The message of a failure for a person: how to solve it, and a stack trace only with DEBUG=1. */
export function explain(error: unknown): string {
  if (error instanceof SetupError) return error.message;
  if (isWithoutStages(error)) {
    return "A stage on AWS cannot be asked from here: an image of the laptop lacks packages/stage. Call this in a clone of the repository.";
  }
  if (process.env.DEBUG === "1")
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = error instanceof Error ? error.message : String(error);
  return `${message} (unexpected: run again with DEBUG=1 to see where)`;
}

function isWithoutStages(error: unknown): boolean {
  if (!(error instanceof Error && "code" in error)) return false;
  return error.code === "ERR_MODULE_NOT_FOUND" && /'@(cloud-design\/stage|aws-sdk\/.*)'/.test(error.message);
}
