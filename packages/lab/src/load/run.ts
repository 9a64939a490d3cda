import type { Terminal } from "@cloud-design/local/terminal/terminal";
import { randomFrom } from "../chaos/random.ts";
import { arrivalsOf } from "./arrivals.ts";
import { type LoadReport, percentilesOf, reportOf } from "./figures.ts";
import { generate, type Sample } from "./generator.ts";
import { followOrders } from "./orders.ts";
import { readParts } from "./parts.ts";
import { milliseconds } from "./report.ts";
import { type Phase, phasesOf, type ScenarioName, type Size } from "./scenarios.ts";
import { request, trafficTo } from "./traffic.ts";

/** The platform on the laptop, or a stage. */
export interface Target {
  name: string;
  url: string;
  token: () => Promise<string>;
  /** Requests a second that it lets through from one address. */
  perSecondMax: number;
  /** Where platform.json is, on the laptop: the processor time and memory of its parts can be read. */
  directory?: string;
}

interface Run {
  scenario: ScenarioName;
  size: Size;
  seed: number;
  target: Target;
  terminal: Pick<Terminal, "doing" | "done" | "failed">;
  /** Ends the load; what was measured until then is reported. */
  signal: AbortSignal;
}

/** Access tokens live for 15 minutes. */
const TOKEN_SECONDS = 600;
/** Orders that are asked for in a second: fewer than the platform can answer, so that a long list takes minutes at most. */
const QUESTIONS_MAX = 200;

/** Loads the target, and asks for each accepted order until it is recorded or rejected. */
export async function runLoad({ scenario, size, seed, target, terminal, signal }: Run): Promise<LoadReport> {
  const phases = phasesOf(scenario, size);
  const caller = { url: target.url, token: keptToken(target.token) };
  await caller.token(); // a missing credential is reported now, and not as a failed request
  const traffic = trafficTo(caller);
  terminal.doing(scenario, "adding the films that it reads");
  await traffic.prepare();
  const startedAt = new Date().toISOString();
  const measured = await generate({
    phases,
    traffic,
    signal,
    arrivals: arrivalsOf(phases, randomFrom(seed)),
    readParts: async () => (target.directory === undefined ? new Map() : readParts(target.directory)),
    onSecond: (phase, second, ended, inFlight) =>
      terminal.doing(scenario, progressOf(phase, { second, total: size.seconds, ended, inFlight })),
  });
  terminal.doing(scenario, "asking for each accepted order");
  const followed = await followOrders(traffic.accepted, {
    ask: async (id) => Object(await request(caller, "GET", `/api/billing/orders/${id}`)).body,
    perSecond: Math.min(QUESTIONS_MAX, target.perSecondMax),
    doing: (left) => terminal.doing(scenario, `${left} orders are not recorded yet`),
  });
  terminal.doing(scenario, "deleting its films");
  await traffic.clear();
  const about = { scenario, seed, startedAt, target: target.name, isComplete: !signal.aborted };
  const report = reportOf({ about, phases, measured, accepted: traffic.accepted.length, followed });
  const end = followed.lost.length === 0 ? "done" : "failed";
  terminal[end](scenario, followed.lost.length === 0 ? "no order was lost" : "ORDERS WERE LOST");
  return report;
}

interface Progress {
  second: number;
  total: number;
  ended: readonly Sample[];
  inFlight: number;
}

function progressOf({ name }: Phase, { second, total, ended, inFlight }: Progress): string {
  const answered = ended.filter(({ error }) => error === undefined);
  const { p50, p99 } = percentilesOf(answered.map(({ waitMs }) => waitMs));
  const waits = `p50 ${milliseconds(p50)} p99 ${milliseconds(p99)}`;
  return `${name}, ${Math.round(second)} of ${total} s: ${ended.length} ended, ${ended.length - answered.length} failed, ${inFlight} wait, ${waits}`;
}

/** One token for many requests, since each of a stage costs money. After a failure the next request tries again. */
function keptToken(fresh: () => Promise<string>): () => Promise<string> {
  let kept: Promise<string> | undefined;
  let renewAt = 0;
  return () => {
    if (kept === undefined || performance.now() > renewAt) {
      renewAt = performance.now() + TOKEN_SECONDS * 1_000;
      kept = fresh();
      kept.catch(() => {
        kept = undefined;
      });
    }
    return kept;
  };
}
