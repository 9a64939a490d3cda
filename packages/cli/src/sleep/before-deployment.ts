import type { StageStack } from "@cloud-design/stage/preflight/stage-stacks";
import { neverComplete } from "@cloud-design/stage/preflight/stage-state";
import type { StageAccess } from "@cloud-design/stage/resources";
import { sentenceOf, stateOf } from "./sleeper.ts";

/**
 * Whether the stage sleeps, and says so: a deployment must wake it first. The migrations need the database, and new tasks the network. A stage
 * without a sleeper is awake, and so is one that does not say, for an older role may not ask it.
 */
export async function isAsleep(stage: StageAccess, stacks: readonly StageStack[]): Promise<boolean> {
  const broken = neverComplete(stacks);
  if (!stacks.some((stack) => stack.name === "Sleep" && !broken.includes(stack))) return false;
  const state = await stateOf(stage).then(({ state }) => state, unknown);
  if (state === undefined) return false;
  if (state.wanted === "awake" && state.isSettled) return false;
  console.log(
    `! ${sentenceOf(stage, state)} It is woken first, in about a quarter of an hour, and stays awake: npm run sleep -- --stage ${stage.stage} puts it to sleep again.`,
  );
  return true;
}

function unknown(error: Error): undefined {
  console.log(`! Whether the stage sleeps is not known, so it is not woken. ${error.message}`);
}
