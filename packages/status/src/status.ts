import * as z from "zod";
import { COMPONENT_IDS, STATES } from "./components.ts";

const Count = z.int().nonnegative();

/** The schema of `status.json`. */
export const Status = z.object({
  state: z.enum(["up", "degraded", "down", "asleep"]),
  summary: z.string(),
  components: z.record(
    z.enum(COMPONENT_IDS),
    z.object({
      state: z.enum(STATES),
      latency_ms: z.int().nonnegative().optional(),
      /** When the component entered this state. */
      since: z.iso.datetime(),
    }),
  ),
  /** Absent in the file of an older probe, like its optional fields. */
  orders: z
    .object({
      /** Accepted and not yet settled. */
      waiting: Count,
      /** Messages in the queues of each lane. */
      queued: z.record(z.string(), Count).optional(),
      is_lower_bound: z.literal(true).optional(),
      is_upper_bound: z.literal(true).optional(),
      oldest_seconds: Count.optional(),
      /** Orders accepted earlier are not in the following figures. */
      since: z.iso.datetime().optional(),
      accepted: Count.optional(),
      recorded: Count.optional(),
      rejected: Count.optional(),
      /** accepted - recorded - rejected - in_flight = unaccounted; both are absent when a part could not be asked. */
      in_flight: Count.optional(),
      unaccounted: Count.optional(),
    })
    .optional(),
  /** Only while the platform sleeps: its components are then as they were when it fell asleep. */
  asleep_since: z.iso.datetime().optional(),
  deployed_at: z.iso.datetime().optional(),
  checked_at: z.iso.datetime(),
  interval_seconds: z.number().positive(),
});
export type Status = z.infer<typeof Status>;
