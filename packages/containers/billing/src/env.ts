import { SecretArn } from "@cloud-design/core/environment";
import * as z from "zod";
import { ServiceEnvironment } from "../../shared/env.ts";

export const BillingEnvironment = ServiceEnvironment.extend({
  AMQP_URL: z.url({ protocol: /^amqps?$/ }),
  /** Who signs in there, and with what password; without it the URL says so. */
  AMQP_SECRET_ARN: SecretArn.optional(),
});
/** As a process is given it. */
export type BillingEnvironment = z.input<typeof BillingEnvironment>;
