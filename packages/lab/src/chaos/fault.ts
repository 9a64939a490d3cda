import type { Lab } from "./lab.ts";
import type { Load } from "./load.ts";

/** Orders a second under which a fault is usually injected. */
export const USUAL_PER_SECOND = 20;

export interface Fault {
  /** The name on the command line: `broker-kill`. */
  name: string;
  /** The claim that must stay true, in one sentence. */
  hypothesis: string;
  /** How the fault is injected, in one sentence. */
  injection: string;
  /** The promises that it tests besides R1 to R4, R6 and R9, which every fault tests. */
  promises: readonly ("R5" | "R7" | "R8")[];
  /** Whether `npm test` runs it. */
  isFast: boolean;
  /** Whether orders or reads may get no 2xx while it lasts; otherwise each must get one (R7). */
  mayRefuse?: { orders?: boolean; reads?: boolean };
  /** Whether answers may be missing altogether, as when the gateway itself is killed. */
  mayHang?: boolean;
  /** Whether every third order is a premium one; otherwise all are standard. */
  isForBothLanes?: boolean;
  /** Whether a busier load is reduced to the usual one: it needs a moment without orders, measures a rate, or is a load itself. */
  needsUsualLoad?: boolean;
  /** Limit of the time from the end of `inject` to the row of an order that is placed then: 15 s after a kill, 30 s after a freeze (R5). */
  recoverySecondsMax?: number;
  /** How many dead letters it leaves behind, each with its reason; they are removed afterwards. */
  deadLetters?: number;
  /** The part of it that no system could promise, with the reason, in sentences. */
  outside?: string;
  /** Changes the laboratory before clients come; its result is disposed of when everything is at rest. */
  prepare?(lab: Lab): Promise<AsyncDisposable>;
  /** Injects the fault under load and resolves once everything is repaired, with its own measurement if it has one. A failed assertion is thrown. */
  inject(lab: Lab, load: Load): Promise<unknown>;
}
