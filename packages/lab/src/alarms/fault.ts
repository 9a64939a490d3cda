import type { Laboratory } from "./laboratory.ts";
import type { Pace } from "./traffic.ts";

/** A fault that makes alarms ring: stacks/testing/alarms/rings-with.ts lists which. */
export interface AlarmFault {
  /** The name on the command line and of its recording. */
  name: string;
  /** How it is injected, in one sentence, with what a laptop can only imitate. */
  injection: string;
  /** The differences from normal traffic. */
  pace?: Partial<Pace>;
  /** Minutes after the fault until its last alarm is over. */
  calmMinutes: number;
  /** Injects the fault, and resolves once everything is repaired. */
  inject(lab: Laboratory): Promise<void>;
}
