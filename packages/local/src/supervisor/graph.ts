export interface Step {
  name: string;
  needs: readonly string[];
  run(signal: AbortSignal): Promise<void>;
}

/** Runs every step as soon as the steps that it needs are done. The first failure aborts the others, and is thrown. */
export async function runInOrder(steps: readonly Step[], signal: AbortSignal): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const waiting = new Set(steps);
  const done = new Set<string>();
  const active = new Set<Promise<void>>();
  try {
    while (waiting.size + active.size > 0) {
      signal.throwIfAborted();
      for (const step of waiting) {
        if (!step.needs.every((name) => done.has(name))) continue;
        waiting.delete(step);
        const work = step.run(either).then(() => {
          done.add(step.name);
          active.delete(work);
        });
        active.add(work);
      }
      if (active.size === 0) throw new Error(`These wait for what never comes: ${names(waiting)}`);
      await Promise.race(active);
    }
  } catch (error) {
    failed.abort();
    await Promise.allSettled(active);
    throw error;
  }
}

function names(steps: Iterable<Step>): string {
  return [...steps].map(({ name, needs }) => `${name} (needs ${needs.join(", ")})`).join(", ");
}
