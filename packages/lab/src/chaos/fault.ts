import type { Lab } from "./lab.ts";
import type { Load } from "./load.ts";

export interface Fault {
  /** As on the command line: `broker-kill`. */
  name: string;
  /** What is expected to stay true, in one sentence. */
  hypothesis: string;
  /** How it is broken, in one sentence. */
  injection: string;
  /** The promises that it tries beside R1 to R4, R6 and R9, which every fault does. */
  promises: readonly ("R5" | "R7" | "R8")[];
  /** Among those that `npm test` runs. */
  isFast: boolean;
  /** Orders or reads that may go without their 2xx while it lasts; without it each gets one (R7). */
  mayRefuse?: { orders?: boolean; reads?: boolean };
  /** Whether answers may stay away altogether, as when the front door itself is killed. */
  mayHang?: boolean;
  /** From the end of `inject` to the row of an order that is placed then: 15 s after something dead, 30 s after something frozen (R5). */
  recoverySecondsMax?: number;
  /** How many dead letters it leaves behind, each with its reason; they are taken away afterwards. */
  deadLetters?: number;
  /** What of it no system could promise, and why, in sentences. */
  outside?: string;
  /** Changes the laboratory before clients come; what it resolves to is disposed of when everything has come to rest. */
  prepare?(lab: Lab): Promise<AsyncDisposable>;
  /** Breaks something under load, and resolves once it is whole again, with what it measured of its own. What it asserts it throws. */
  inject(lab: Lab, load: Load): Promise<unknown>;
}
