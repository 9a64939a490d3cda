import { LANE_NAMES } from "@cloud-design/core/billing/lanes";
import * as z from "zod";

const State = z.enum(["up", "degraded", "down"]);
export type State = z.output<typeof State>;

const Component = z.object({
  name: z.string(),
  status: State,
  latency_ms: z.int().min(0),
  waiting: z.int().min(0).optional().meta({ description: "Orders that wait in the queues." }),
  lanes: z
    .record(z.enum(LANE_NAMES), z.int().min(0))
    .optional()
    .meta({ description: "The same by lane: premium customers have the lane `priority`." }),
});
export type Component = z.output<typeof Component>;

export const PlatformStatus = z.object({
  status: State.meta({ description: "Down means that movies cannot be read and orders cannot be placed." }),
  checked_at: z.iso.datetime(),
  components: z.array(Component),
});
export type PlatformStatus = z.output<typeof PlatformStatus>;
