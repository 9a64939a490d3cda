import * as z from "zod";
import { COMPONENT_IDS } from "./components.ts";
import { CHECKS_A_DAY_MAX, DAYS_MAX } from "./limits.ts";

const Count = z.int().min(0).max(CHECKS_A_DAY_MAX);

const Day = z
  .object({
    /** In UTC. */
    date: z.iso.date(),
    checks: Count.min(1),
    /**
     * How many checks found a component not up. A component without an entry was up in every check, which keeps the
     * file small.
     */
    components: z.partialRecord(
      z.enum(COMPONENT_IDS),
      z.object({ degraded: Count, down: Count, unknown: Count }),
    ),
  })
  .refine(({ checks, components }) =>
    Object.values(components).every(({ degraded, down, unknown }) => degraded + down + unknown <= checks),
  );
export type Day = z.infer<typeof Day>;

/** `history.json`: the last days with a check, oldest first. */
export const History = z.object({ days: z.array(Day).max(DAYS_MAX) });
export type History = z.infer<typeof History>;
