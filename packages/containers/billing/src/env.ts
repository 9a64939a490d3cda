import { SecretArn } from "@cloud-design/core/environment";
import * as z from "zod";
import { ServiceEnvironment } from "../../shared/env.ts";

export const BillingEnvironment = ServiceEnvironment.extend({
  AMQP_URL: z.url({ protocol: /^amqps?$/ }),
  /** The secret with user name and password for `AMQP_URL`; without it the URL contains them. */
  AMQP_SECRET_ARN: SecretArn.optional(),
});
/** The environment as a process gets it. */
export type BillingEnvironment = z.input<typeof BillingEnvironment>;
