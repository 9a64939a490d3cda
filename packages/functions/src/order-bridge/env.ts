import { SecretArn } from "@cloud-design/core/environment";
import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import * as z from "zod";
import { LaneUrls } from "../shared/lane-urls.ts";

export const OrderBridgeEnvironment = z.object({
  AMQP_URL: z.url({ protocol: /^amqps?$/ }),
  /** The secret with user name and password for `AMQP_URL`; without it the URL contains them. */
  AMQP_SECRET_ARN: SecretArn.optional(),
  ORDERS_QUEUE_URLS: LaneUrls,
  ...TelemetryEnvironment.shape,
});
/** The environment as the stack sets it. */
export type OrderBridgeEnvironment = z.input<typeof OrderBridgeEnvironment>;
