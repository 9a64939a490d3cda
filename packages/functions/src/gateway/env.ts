import { SecretArn } from "@cloud-design/core/environment";
import { Certificates } from "@cloud-design/core/trust";
import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import * as z from "zod";
import { LaneUrls } from "../shared/lane-urls.ts";

/** Signs order ids. After a change, every order id issued before gives 404. */
export const OrderIdSecret = z.string().min(32, "must have at least 32 characters");

export const GatewayEnvironment = z
  .object({
    INVENTORY_URL: z.url(),
    BILLING_URL: z.url(),
    /** The authorities that sign the load balancer's certificate; with them both URLs begin with https. Absent on a laptop. */
    BALANCER_AUTHORITY: Certificates.optional(),
    ORDERS_QUEUE_URLS: LaneUrls,
    ORDER_ID_SECRET: OrderIdSecret.optional(),
    ORDER_ID_SECRET_ARN: SecretArn.optional(),
    /** The secret that CloudFront sends in `x-origin-secret`; without it requests are accepted from any origin. */
    ORIGIN_SECRET_ARN: SecretArn.optional(),
    /** The site with the documentation; problems link to its pages. */
    SITE_URL: z.url(),
    ...TelemetryEnvironment.shape,
  })
  .refine((given) => (given.ORDER_ID_SECRET === undefined) !== (given.ORDER_ID_SECRET_ARN === undefined), {
    path: ["ORDER_ID_SECRET"],
    message: "must be set, or ORDER_ID_SECRET_ARN, and not both",
    // Checked even if other settings are wrong, so that one error names all of them.
    when: () => true,
  });
/** The environment as the stack sets it. */
export type GatewayEnvironment = z.input<typeof GatewayEnvironment>;
