import { openClient } from "../dead-letters/arguments.ts";
import { namedStage } from "../stage/flags.ts";
import type { PersonStore } from "./store.ts";

type Values = Parameters<typeof namedStage>[0];

/** Works with everything that is kept of people, on the laptop or, with `--stage`, on AWS. */
export async function withStore<T>(values: Values, work: (store: PersonStore) => Promise<T>): Promise<T> {
  const stage = namedStage(values);
  const opened =
    stage === undefined
      ? await (await import("./laptop-store.ts")).laptopStore()
      : // Not in an image of the laptop, which lacks the packages for AWS.
        await (await import("./stage-store.ts")).stageStore(stage);
  const letters = await openClient({ values });
  try {
    return await work({ ...opened, letters });
  } finally {
    await Promise.all([opened.close(), letters.close()]);
  }
}
