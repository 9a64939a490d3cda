import { SecretArn } from "@cloud-design/core/environment";
import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import * as z from "zod";
import { Certificates } from "../shared/trust-also.ts";

/** Signs order ids. Another secret turns every order id issued so far into a 404. */
export const OrderIdSecret = z.string().min(32, "must have at least 32 characters");

export const GatewayEnvironment = z
  .object({
    INVENTORY_URL: z.url(),
    BILLING_URL: z.url(),
    /** Who vouches for the balancer, with which both URLs begin with https; a laptop has none. */
    BALANCER_AUTHORITY: Certificates.optional(),
    ORDERS_QUEUE_URL: z.url(),
    ORDER_ID_SECRET: OrderIdSecret.optional(),
    ORDER_ID_SECRET_ARN: SecretArn.optional(),
    /** What CloudFront puts into `x-origin-secret`; without it requests come in from anywhere. */
    ORIGIN_SECRET_ARN: SecretArn.optional(),
    /** Where the docs stand; problems point to its pages. */
    SITE_URL: z.url(),
    ...TelemetryEnvironment.shape,
  })
  .refine((given) => (given.ORDER_ID_SECRET === undefined) !== (given.ORDER_ID_SECRET_ARN === undefined), {
    path: ["ORDER_ID_SECRET"],
    message: "must be set, or ORDER_ID_SECRET_ARN, and not both",
    // Also beside other mistakes, so that all of them are named at once.
    when: () => true,
  });
/** As the function is given it. */
export type GatewayEnvironment = z.input<typeof GatewayEnvironment>;
