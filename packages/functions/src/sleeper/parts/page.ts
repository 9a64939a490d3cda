import type { Store } from "../../shared/status-store.ts";
import type { Part } from "../converge.ts";
import { publishAsleep } from "../publish-asleep.ts";

/** The status page. A check that was under way may overwrite it once; the next pass writes it again. Awake, the probe writes it. */
export function pagePart(store: Store, since: string | undefined): Part {
  return {
    name: "status page",
    async step(wanted) {
      if (wanted === "awake" || since === undefined) return { state: "shows the checks", isDone: true };
      await publishAsleep(store, since);
      return { state: `says "asleep since"`, isDone: true };
    },
  };
}
