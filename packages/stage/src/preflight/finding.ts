import { Refusal } from "../refusal.ts";

/** The result of one check: one line for an operator, one object for a program. */
export interface Finding {
  check: string;
  state: "ok" | "warning" | "failed";
  /** One sentence. A warning or a failure ends with the remedy. */
  says: string;
}

/** A finding that does not stop a deployment, but costs something later. */
export class Warning extends Error {
  override name = "Warning";
}

/** Runs one check. The sentence is its result, or the message of the `Refusal` or `Warning` that it threw. */
export async function findingOf(check: string, look: () => Promise<string> | string): Promise<Finding> {
  try {
    return { check, state: "ok", says: await look() };
  } catch (error) {
    if (error instanceof Warning) return { check, state: "warning", says: error.message };
    if (error instanceof Refusal) return { check, state: "failed", says: error.message };
    throw error;
  }
}
