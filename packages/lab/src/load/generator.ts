import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { keepTimes } from "../pace.ts";
import type { Arrival } from "./arrivals.ts";
import type { Parts } from "./parts.ts";
import type { Kind, Phase } from "./scenarios.ts";
import type { Traffic } from "./traffic.ts";

/** A request, and when it should have been sent. */
export interface Sample {
  kind: Kind;
  phase: number;
  /** In milliseconds from the start of the run. */
  dueMs: number;
  /** How much later than intended it was sent. */
  lateMs: number;
  /** From the intended time to the answer: what a caller waits, also when the generator or the platform could not take the request at once. */
  waitMs: number;
  error?: string;
}

/** The counters between two phases. */
export interface Mark {
  atMs: number;
  parts: Parts;
  /** The processor time of all programs on this machine. */
  machineSeconds: number;
  generator: { processorSeconds: number; eventLoop: ReturnType<typeof performance.eventLoopUtilization> };
}

export interface Measured {
  samples: readonly Sample[];
  /** One before the first phase, and one after each that was finished or interrupted. */
  marks: readonly Mark[];
}

interface Run {
  phases: readonly Phase[];
  arrivals: Iterable<Arrival>;
  traffic: Pick<Traffic, "send" | "inFlight">;
  readParts: () => Promise<Parts>;
  signal: AbortSignal;
  /** Called once a second with the requests that ended in it. */
  onSecond: (phase: Phase, atSeconds: number, ended: readonly Sample[], inFlight: number) => void;
}

/**
 * Sends each request at its time, whether or not earlier ones were answered. A loop of clients that wait for their answers would send less
 * while the platform is slow, and so measure its slowness least when it is greatest (coordinated omission).
 *
 * No load tool for Node serves as a library here: autocannon is a closed loop and corrects its figures afterwards; artillery counts from the
 * sending and brings some hundred packages; k6 is a program of its own. They do not follow an order to its end.
 */
export async function generate(run: Run): Promise<Measured> {
  const { phases, traffic, signal } = run;
  const samples: Sample[] = [];
  const arrivals = [...run.arrivals];
  const times = arrivals.map(({ at }) => at);
  const marks = [await markNow(run)];
  let next = 0;

  async function send(due: number): Promise<void> {
    const arrival = arrivals[next++];
    if (arrival === undefined) return;
    const lateMs = Math.max(0, performance.now() - due);
    const error = await traffic.send(arrival.kind);
    samples.push({
      kind: arrival.kind,
      phase: arrival.phase,
      dueMs: arrival.at,
      lateMs,
      waitMs: performance.now() - due,
      ...(error !== undefined && { error }),
    });
  }

  const startedAt = performance.now();
  const loop = keepTimes(times, send);
  let phaseEnd = startedAt;
  let said = 0;
  for (const phase of phases) {
    phaseEnd += phase.seconds * 1_000;
    while (performance.now() < phaseEnd && !signal.aborted) {
      const left = Math.min(1_000, phaseEnd - performance.now());
      await sleep(left, undefined, { signal }).catch(() => {});
      const seconds = (performance.now() - startedAt) / 1_000;
      run.onSecond(phase, seconds, samples.slice(said), traffic.inFlight());
      said = samples.length;
    }
    marks.push(await markNow(run, startedAt));
    if (signal.aborted) break;
  }
  if (!signal.aborted) await loop.started;
  await loop.stop();
  return { samples, marks };
}

async function markNow({ readParts }: Run, startedAt = performance.now()): Promise<Mark> {
  const { user, system } = process.cpuUsage();
  return {
    atMs: performance.now() - startedAt,
    generator: {
      processorSeconds: (user + system) / 1e6,
      eventLoop: performance.eventLoopUtilization(),
    },
    machineSeconds: busySeconds(),
    parts: await readParts(),
  };
}

function busySeconds(): number {
  const busy = cpus().map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq);
  return busy.reduce((sum, ms) => sum + ms, 0) / 1_000;
}
