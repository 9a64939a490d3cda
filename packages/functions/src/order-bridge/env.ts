import { SecretArn } from "@cloud-design/core/environment";
import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import * as z from "zod";

export const OrderBridgeEnvironment = z.object({
  AMQP_URL: z.url({ protocol: /^amqps?$/ }),
  /** Who signs in there, and with what password; without it the URL says so. */
  AMQP_SECRET_ARN: SecretArn.optional(),
  ORDERS_QUEUE_URL: z.url(),
  ...TelemetryEnvironment.shape,
});
/** As the function is given it. */
export type OrderBridgeEnvironment = z.input<typeof OrderBridgeEnvironment>;
