import type { DeadLettersRequest } from "@cloud-design/functions/dead-letters/protocol";

/** Access to the dead letters of the laptop, or of a stage. */
export interface DeadLettersClient {
  /** The caller's name, for the record. */
  by: string;
  /** Resolves with the answer, which the caller checks against the schema of its request. Throws `SetupError` with one sentence if it gets no answer. */
  ask(request: DeadLettersRequest): Promise<unknown>;
  close(): Promise<void>;
}
