import * as z from "zod";
import { ServiceEnvironment } from "../../shared/env.ts";

export const BillingEnvironment = ServiceEnvironment.extend({
  AMQP_URL: z.url({ protocol: /^amqps?$/ }),
});
export type BillingEnvironment = z.output<typeof BillingEnvironment>;
