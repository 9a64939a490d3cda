import type { Laboratory } from "./laboratory.ts";
import type { Pace } from "./traffic.ts";

/** What goes wrong so that alarms ring: which, says stacks/testing/alarms/rings-with.ts. */
export interface AlarmFault {
  /** As on the command line, and as its recording is called. */
  name: string;
  /** How it is broken, in one sentence, with what of it a laptop cannot have. */
  injection: string;
  /** Where it differs from normal traffic. */
  pace?: Partial<Pace>;
  /** Minutes after it until the last of its alarms is over. */
  calmMinutes: number;
  /** Breaks something, and resolves once it is whole again. */
  inject(lab: Laboratory): Promise<void>;
}
