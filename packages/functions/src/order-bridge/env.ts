import * as z from "zod";

export const OrderBridgeEnvironment = z.object({
  AMQP_URL: z.url({ protocol: /^amqps?$/ }),
  ORDERS_QUEUE_URL: z.url(),
});
