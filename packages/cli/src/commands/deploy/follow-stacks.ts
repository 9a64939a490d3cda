import { setTimeout as sleep } from "node:timers/promises";
import type { Terminal } from "@cloud-design/local/terminal/terminal";
import type { AwsAccess } from "@cloud-design/stage/aws-access";
import { firstFailure, type StageStack, stacksOf } from "@cloud-design/stage/preflight/stage-stacks";

const LOOK_AGAIN_MILLISECONDS = 2_000;
const DOING: Readonly<Record<string, string>> = {
  CREATE: "creating",
  UPDATE: "updating",
  DELETE: "deleting",
  REVIEW: "preparing",
  ROLLBACK: "failed, taking it back",
  UPDATE_ROLLBACK: "failed, going back to the version before",
};
const FAILED = /(FAILED|ROLLBACK_COMPLETE)$/;
const IN_PROGRESS = /^(.+?)(?:_COMPLETE_CLEANUP)?_IN_PROGRESS$/;

export interface Followed {
  /** The stacks as CloudFormation describes them at the end. */
  stacks: StageStack[];
  changed: string[];
  failed: string[];
  /** Why the end is not known: a lost network, expired credentials. */
  unseen?: string;
}

interface Watched {
  stage: string;
  before: readonly StageStack[];
  access: AwsAccess;
  terminal: Terminal;
  /** Called with the name of each stack that was created or updated. */
  onDone?: (name: string) => Promise<void>;
}

/**
 * Shows a line for each stack that changes, until `work` is done. It asks CloudFormation itself, so it shows every change in the account,
 * also one made by another process. While CloudFormation cannot be asked, it shows nothing.
 */
export async function followStacks(watched: Watched, work: Promise<unknown>): Promise<Followed> {
  const watch = createWatch(watched);
  const { terminal } = watched;
  let isDone = false;
  let isLost = false;
  const done = work.finally(() => {
    isDone = true;
  });
  done.catch(() => {});
  while (!isDone) {
    try {
      await watch.look();
      if (isLost) terminal.done("AWS", "answers again");
      isLost = false;
    } catch (error) {
      isLost = true;
      terminal.doing("AWS", error instanceof Error ? error.message : String(error));
    }
    await Promise.race([done.catch(() => {}), sleep(LOOK_AGAIN_MILLISECONDS)]);
  }
  await done;
  const unseen = await watch.look().then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { ...watch.result(), ...(unseen && { unseen }) };
}

function createWatch({ stage, before, access, terminal, onDone }: Watched) {
  const since = new Date();
  let known = new Map(before.map((stack) => [stack.fullName, stack]));
  const changed = new Set<string>();
  const failed = new Set<string>();

  async function show(stack: StageStack, earlier: StageStack | undefined): Promise<void> {
    const { name, fullName, status } = stack;
    const [, verb = ""] = IN_PROGRESS.exec(status) ?? [];
    if (verb !== "") return terminal.doing(name, DOING[verb] ?? status.toLowerCase());
    const isSame = earlier?.status === status && Number(earlier.changedAt) === Number(stack.changedAt);
    if (isSame) return;
    changed.add(name);
    if (!FAILED.test(status)) {
      terminal.done(name, earlier && status !== "CREATE_COMPLETE" ? "updated" : "made");
      return onDone?.(name);
    }
    failed.add(name);
    const reason = await firstFailure(fullName, access, since).catch(() => undefined);
    terminal.failed(name, reason ?? status);
  }

  return {
    async look(): Promise<void> {
      const stacks = await stacksOf(stage, access);
      for (const stack of stacks) await show(stack, known.get(stack.fullName));
      const now = new Map(stacks.map((stack) => [stack.fullName, stack]));
      for (const { fullName, name } of known.values()) {
        if (now.has(fullName)) continue;
        changed.add(name);
        terminal.done(name, "removed");
      }
      known = now;
    },
    result: (): Followed => ({ stacks: [...known.values()], changed: [...changed], failed: [...failed] }),
  };
}
