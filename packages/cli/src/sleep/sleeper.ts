import { setTimeout as sleep } from "node:timers/promises";
import {
  type PartReport,
  SleepAnswer,
  type SleepRequest,
  type SleepState,
} from "@cloud-design/functions/sleeper/protocol";
import { SetupError } from "@cloud-design/local/supervisor/part";
import type { Terminal } from "@cloud-design/local/terminal/terminal";
import { callerOf } from "@cloud-design/stage/aws-access";
import { nameOf, SLEEPER } from "@cloud-design/stage/names";
import type { StageAccess } from "@cloud-design/stage/resources";
import { INTERRUPTED } from "../sst.ts";
import { onStage } from "../stage/access.ts";
import { operatorsFunction } from "../stage/operators-function.ts";

type Wanted = SleepState["wanted"];

const LOOK_AGAIN_MS = 3_000;
/** RDS takes most of it: some minutes to stop, and up to a quarter of an hour to start. */
const PATIENCE_MINUTES = 45;
/** Passes in a row in which AWS refuses the same part: it will not change its mind. */
const REFUSALS_MAX = 4;

/** The stage's own function, the only one that puts it to sleep and wakes it. */
function sleeperOf(stage: StageAccess) {
  const { ask, close } = operatorsFunction(stage, SLEEPER);
  return {
    ask: async (request: SleepRequest): Promise<SleepAnswer> => SleepAnswer.parse(await ask(request)),
    close,
  };
}

/** One request. The stage's state; a stage that is on its way goes on. */
export async function stateOf(stage: StageAccess, request: SleepRequest = {}): Promise<SleepAnswer> {
  const sleeper = sleeperOf(stage);
  try {
    return await sleeper.ask(request);
  } finally {
    await sleeper.close();
  }
}

/** Since when the stage is asleep or awake, or on its way there, and by whom. */
export function sentenceOf({ stage }: StageAccess, { wanted, since, by, isSettled }: SleepState): string {
  if (since === undefined) return `${stage} is awake.`;
  const state = isSettled ? wanted : `becoming ${wanted}`;
  return `${stage} is ${state} since ${since.slice(0, 16).replace("T", " ")} UTC (${by}).`;
}

/** As wide as the longest name of a part, so that all lines are aligned. */
export function widestPart({ stage }: StageAccess): string {
  return nameOf({ stage }, "inventory-billing");
}

/**
 * Says what is wanted, and shows a line for each part until all of them have got there. Throws `SetupError` when AWS refuses a part again and
 * again, when another command decides otherwise, and after 45 minutes; the stage's schedule goes on in each case.
 */
export async function drive(stage: StageAccess, wanted: Wanted, terminal: Terminal): Promise<void> {
  const by = await onStage(stage, callerOf);
  const sleeper = sleeperOf(stage);
  const leave = () => {
    console.error("\nThe stage goes on by itself; the same command shows how far it is.");
    process.exit(INTERRUPTED);
  };
  process.once("SIGINT", leave);
  try {
    const again = () => patiently(() => sleeper.ask({}));
    await follow(wanted, await sleeper.ask({ wanted, by }), { again, terminal });
  } finally {
    process.off("SIGINT", leave);
    await sleeper.close();
  }
}

/** In three quarters of an hour a connection may break, and AWS may throttle: a look is repeated before it counts as failed. */
export async function patiently<T>(look: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await look();
    } catch (error) {
      if (failures === REFUSALS_MAX) throw error;
      await sleep(LOOK_AGAIN_MS);
    }
  }
}

async function follow(
  wanted: Wanted,
  first: SleepAnswer,
  { again, terminal }: { again: () => Promise<SleepAnswer>; terminal: Terminal },
): Promise<void> {
  const done = new Set<string>();
  const until = performance.now() + PATIENCE_MINUTES * 60_000;
  let refusals = 0;
  for (let answer = first; ; answer = await again()) {
    const { state, parts } = answer;
    if (state.wanted !== wanted)
      throw new SetupError(
        `Meanwhile ${state.by} has decided otherwise: the stage is to be ${state.wanted}.`,
      );
    for (const part of parts) show(part, done, terminal);
    if (state.isSettled) return;
    const refused = parts.find(({ state }) => state.startsWith("refused"));
    refusals = refused ? refusals + 1 : 0;
    if (refused && refusals >= REFUSALS_MAX) {
      terminal.failed(refused.part, refused.state);
      throw new SetupError(
        `The stage is half ${wanted}. Its schedule tries again every five minutes, and the same command goes on from there.`,
      );
    }
    if (performance.now() > until)
      throw new SetupError(`It is not done after ${PATIENCE_MINUTES} minutes, and goes on by itself.`);
    await sleep(LOOK_AGAIN_MS);
  }
}

function show({ part, state, isDone }: PartReport, done: Set<string>, terminal: Terminal): void {
  if (!isDone) terminal.doing(part, state);
  else if (!done.has(part)) terminal.done(part, state);
  if (isDone) done.add(part);
}
