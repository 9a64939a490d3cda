import { LANE_NAMES } from "@cloud-design/core/billing/lanes";
import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";

/** The URL of each lane's queue in SQS, as JSON in one setting. */
export const LaneUrls = z
  .string()
  .transform(parseJson)
  .pipe(z.record(z.enum(LANE_NAMES), z.url()));
export type LaneUrls = z.output<typeof LaneUrls>;
