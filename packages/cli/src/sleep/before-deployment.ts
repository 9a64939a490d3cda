import type { StageStack } from "@cloud-design/stage/preflight/stage-stacks";
import { neverComplete } from "@cloud-design/stage/preflight/stage-state";
import type { StageAccess } from "@cloud-design/stage/resources";
import { patiently, sentenceOf, stateOf } from "./sleeper.ts";

/** Longer than a deployment takes. */
const HOLD_MINUTES = 120;

/**
 * Whether the stage sleeps, and says so: what follows must wake it first, and `then` is the end of that sentence. A stage without a sleeper is
 * awake, and so is one that does not say, for an older role may not ask it.
 */
export async function isAsleep(
  stage: StageAccess,
  stacks: readonly StageStack[],
  then: string,
): Promise<boolean> {
  if (!hasSleeper(stacks)) return false;
  const state = await patiently(() => stateOf(stage)).then(({ state }) => state, unknown);
  if (state === undefined) return false;
  if (state.wanted === "awake" && state.isSettled) return false;
  console.log(`! ${sentenceOf(stage, state)} It is woken first, in about a quarter of an hour${then}`);
  return true;
}

function unknown(error: Error): undefined {
  console.log(`! Whether the stage sleeps is not known, so it is not woken. ${error.message}`);
}

/**
 * Keeps the stage awake while it is deployed: at its hour of the evening, or by another person's command, its tasks and its database would stop
 * under the deployment. Resolves with the end of that; without it the stage may sleep again after two hours.
 */
export async function keepAwake(
  stage: StageAccess,
  stacks: readonly StageStack[],
): Promise<() => Promise<void>> {
  // A sleeper of an earlier version does not know the request, and an older role may not ask it.
  const hold = async (holdMinutes: number) => {
    if (hasSleeper(stacks)) await stateOf(stage, { holdMinutes }).catch(() => {});
  };
  await hold(HOLD_MINUTES);
  return () => hold(0);
}

function hasSleeper(stacks: readonly StageStack[]): boolean {
  const broken = neverComplete(stacks);
  return stacks.some((stack) => stack.name === "Sleep" && !broken.includes(stack));
}
