import { Refusal } from "../refusal.ts";
import { isBootstrap, type StageStack } from "./stage-stacks.ts";

/** Its creation failed, so no resource of it was ever in use, and CloudFormation can only delete it. */
const NEVER_COMPLETE = ["CREATE_FAILED", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"];

export function isNeverComplete(status: string | undefined): boolean {
  return NEVER_COMPLETE.includes(status ?? "");
}

/** Stacks that must be deleted before SST can create them: SST deletes such a stack too, but then tries to update the deleted stack. */
export function neverComplete(stacks: readonly StageStack[]): StageStack[] {
  return stacks.filter(({ status }) => isNeverComplete(status));
}

export function isInProgress({ status }: StageStack): boolean {
  return status.endsWith("_IN_PROGRESS") && status !== "REVIEW_IN_PROGRESS";
}

/** A sentence on the state of the stage. Throws a Refusal with the remedy when it cannot be deployed in this state. */
export function checkStageState(
  stacks: readonly StageStack[],
  { stage, region }: { stage: string; region: string },
): string {
  const ours = stacks.filter((stack) => !isBootstrap(stack));
  const busy = stacks.find(isInProgress);
  if (busy) {
    throw new Refusal(
      `Another deployment is running: the stack ${busy.fullName} is ${busy.status}${since(busy)}. Wait until it has ended, then type the same command again.`,
    );
  }
  const stuck = ours.find(({ status }) => status === "UPDATE_ROLLBACK_FAILED");
  if (stuck) {
    throw new Refusal(
      `The stack ${stuck.fullName} could not be rolled back after a failed update: see its events in CloudFormation, correct the cause, run \`aws cloudformation continue-update-rollback --region ${region} --stack-name ${stuck.fullName}\`, and deploy again when it is UPDATE_ROLLBACK_COMPLETE.`,
    );
  }
  const half = ours.find(({ status }) => status === "DELETE_FAILED");
  if (half) {
    throw new Refusal(
      `The stage ${stage} is half removed: ${half.fullName} is DELETE_FAILED. Finish with \`npm run remove -- --stage ${stage} --region ${region}\`, then deploy.`,
    );
  }
  const failed = neverComplete(ours);
  if (ours.length === failed.length)
    return failed.length > 0 ? clears(failed) : "nothing yet: the first deployment";
  const count = `${ours.length - failed.length} stacks${since(latest(ours))}`;
  return failed.length > 0 ? `${count}; ${clears(failed)}` : count;
}

function clears(failed: readonly StageStack[]): string {
  return `deploy deletes the rest of a failed creation: ${failed.map(({ name }) => name).join(", ")}`;
}

function latest(stacks: readonly StageStack[]): StageStack | undefined {
  return stacks.toSorted((a, b) => Number(b.changedAt ?? 0) - Number(a.changedAt ?? 0))[0];
}

function since(stack: StageStack | undefined): string {
  return stack?.changedAt
    ? `, changed ${stack.changedAt.toISOString().slice(0, 16).replace("T", " ")} UTC`
    : "";
}
