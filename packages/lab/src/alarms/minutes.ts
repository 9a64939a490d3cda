import { setTimeout as sleep } from "node:timers/promises";
import { MINUTE_SECONDS } from "./recorder.ts";

/** Waits this many minutes of the laboratory. */
export function minutes(count: number): Promise<void> {
  return sleep(count * MINUTE_SECONDS * 1_000);
}
