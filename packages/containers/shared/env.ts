import { SecretArn } from "@cloud-design/core/environment";
import { IdentityEnvironment } from "@cloud-design/core/identity";
import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import * as z from "zod";

/** What every service needs to know. */
export const ServiceEnvironment = IdentityEnvironment.extend({
  /** A container needs no other: nobody shares its addresses. */
  PORT: z.coerce.number<string>().int().min(1).max(65_535).default(8080),
  /** All interfaces in a container; a laptop listens to itself alone. */
  HOST: z.string().default("0.0.0.0"),
  /** The certificate and the key that it shows to the balancer; without it HTTP, which only a laptop does. */
  TLS_SECRET_ARN: SecretArn.optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Who signs in there, and with what password; without it the URL says so. */
  DATABASE_SECRET_ARN: SecretArn.optional(),
  /** Where the docs stand; problems point to its pages. */
  SITE_URL: z.url(),
  ...TelemetryEnvironment.shape,
});
