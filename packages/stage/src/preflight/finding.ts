import { Refusal } from "../refusal.ts";

/** What one check has found: one line for a person, one object for a program. */
export interface Finding {
  check: string;
  state: "ok" | "warning" | "failed";
  /** One sentence. Of a warning and a failure it ends with what to do. */
  says: string;
}

/** What does not stop a deployment, but will be missed. */
export class Warning extends Error {
  override name = "Warning";
}

/** Runs one check: its sentence, or that of the `Refusal` or the `Warning` which it threw. */
export async function findingOf(check: string, look: () => Promise<string> | string): Promise<Finding> {
  try {
    return { check, state: "ok", says: await look() };
  } catch (error) {
    if (error instanceof Warning) return { check, state: "warning", says: error.message };
    if (error instanceof Refusal) return { check, state: "failed", says: error.message };
    throw error;
  }
}
