import type { DeadLettersRequest } from "@cloud-design/functions/dead-letters/protocol";

/** Where the dead letters of the laptop, or of a stage, are asked for. */
export interface Desk {
  /** Who is sitting at it, for the record. */
  by: string;
  /** The answer is for the schema that belongs to the request. Throws `SetupError` with one sentence when there is none. */
  ask(request: DeadLettersRequest): Promise<unknown>;
  close(): Promise<void>;
}
