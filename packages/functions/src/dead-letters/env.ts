import { BrokerEnvironment } from "@cloud-design/core/broker/settings";
import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import * as z from "zod";
import { LaneUrls } from "../shared/lane-urls.ts";

export const DeadLettersEnvironment = z.object({
  ...BrokerEnvironment.shape,
  ORDERS_QUEUE_URLS: LaneUrls,
  ORDERS_DEAD_LETTERS_URL: z.url(),
  ...TelemetryEnvironment.shape,
});
/** The settings without those of telemetry. */
export type DeadLettersSettings = Omit<z.output<typeof DeadLettersEnvironment>, keyof TelemetryEnvironment>;
/** The environment as the stack sets it. */
export type DeadLettersEnvironment = z.input<typeof DeadLettersEnvironment>;
