import { SecretArn } from "@cloud-design/core/environment";
import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import * as z from "zod";
import { Certificates } from "../shared/trust-also.ts";

export const StatusProbeEnvironment = z
  .object({
    /** The front door, through which clients come. */
    SITE_URL: z.url(),
    /** The key set of the issuer, which shows whether people can sign in. */
    COGNITO_JWKS_URL: z.url(),
    TOKEN_URL: z.url(),
    CLIENT_ID: z.string().min(1),
    /** Without it Cognito is asked for the client's secret. */
    CLIENT_SECRET: z.string().min(1).optional(),
    USER_POOL_ID: z.string().min(1).optional(),
    INVENTORY_URL: z.url(),
    BILLING_URL: z.url(),
    /** Who vouches for the balancer, with which both URLs begin with https; a laptop has none. */
    BALANCER_AUTHORITY: Certificates.optional(),
    ORDERS_QUEUE_URL: z.url(),
    DEAD_LETTERS_QUEUE_URL: z.url(),
    /** Of the gateway, which notes each order that it accepts. */
    GATEWAY_LOG_GROUP: z.string().min(1),
    AMQP_URL: z.url({ protocol: /^amqps?$/ }),
    /** Who signs in there, and with what password; without it the URL says so. */
    AMQP_SECRET_ARN: SecretArn.optional(),
    /** Of the site: what the page shows is written there. */
    BUCKET: z.string().min(1),
    /** Between two runs. */
    INTERVAL_SECONDS: z.coerce.number<string>().int().min(1),
    ...TelemetryEnvironment.shape,
  })
  .refine((given) => (given.CLIENT_SECRET === undefined) !== (given.USER_POOL_ID === undefined), {
    path: ["CLIENT_SECRET"],
    message: "must be set, or USER_POOL_ID, and not both",
    when: () => true,
  });
/** As the function is given it. */
export type StatusProbeEnvironment = z.input<typeof StatusProbeEnvironment>;
