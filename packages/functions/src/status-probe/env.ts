import { BrokerEnvironment } from "@cloud-design/core/broker/settings";
import { Certificates } from "@cloud-design/core/trust";
import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import * as z from "zod";
import { LaneUrls } from "../shared/lane-urls.ts";

export const StatusProbeEnvironment = z
  .object({
    /** The public address that clients use. */
    SITE_URL: z.url(),
    /** The key set of the issuer, which shows whether users can sign in. */
    COGNITO_JWKS_URL: z.url(),
    TOKEN_URL: z.url(),
    CLIENT_ID: z.string().min(1),
    /** Without it the client's secret is read from Cognito. */
    CLIENT_SECRET: z.string().min(1).optional(),
    USER_POOL_ID: z.string().min(1).optional(),
    INVENTORY_URL: z.url(),
    BILLING_URL: z.url(),
    /** The authorities that sign the load balancer's certificate, and that of a broker in a container; with them both URLs begin with https. Absent on a laptop. */
    BALANCER_AUTHORITY: Certificates.optional(),
    ORDERS_QUEUE_URLS: LaneUrls,
    DEAD_LETTERS_QUEUE_URL: z.url(),
    /** The log group of the function that accepts orders, which logs each of them. */
    GATEWAY_LOG_GROUP: z.string().min(1),
    ...BrokerEnvironment.omit({ AMQP_AUTHORITY: true }).shape,
    /** The bucket of the site, where the data of the status page is written. */
    BUCKET: z.string().min(1),
    /** The time between two runs. */
    INTERVAL_SECONDS: z.coerce.number<string>().int().min(1),
    ...TelemetryEnvironment.shape,
  })
  .refine((given) => (given.CLIENT_SECRET === undefined) !== (given.USER_POOL_ID === undefined), {
    path: ["CLIENT_SECRET"],
    message: "must be set, or USER_POOL_ID, and not both",
    when: () => true,
  });
/** The environment as the stack sets it. */
export type StatusProbeEnvironment = z.input<typeof StatusProbeEnvironment>;
