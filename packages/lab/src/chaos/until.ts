import { setTimeout as sleep } from "node:timers/promises";

/** Resolves once the check returns true; `claim` names in a sentence what did not become true in time. */
export async function until(
  claim: string,
  holds: () => boolean | Promise<boolean>,
  secondsMax = 120,
): Promise<void> {
  const deadline = performance.now() + secondsMax * 1_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Not within ${secondsMax} s: ${claim}`);
    await sleep(20);
  }
}
