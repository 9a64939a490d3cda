import { SecretArn } from "@cloud-design/core/environment";
import { IdentityEnvironment } from "@cloud-design/core/identity";
import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import * as z from "zod";

/** The settings of every service. */
export const ServiceEnvironment = IdentityEnvironment.extend({
  /** The default suits every container, because each has its own address. */
  PORT: z.coerce.number<string>().int().min(1).max(65_535).default(8080),
  /** All interfaces, for a container; a laptop sets its loopback address. */
  HOST: z.string().default("0.0.0.0"),
  /** The certificate and key for the load balancer; without it the service speaks HTTP, which only a laptop does. */
  TLS_SECRET_ARN: SecretArn.optional(),
  /** `?prepare=false` at its end is for a pooler that keeps no named statements. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** The secret with user name and password for `DATABASE_URL`; without it the URL contains them. */
  DATABASE_SECRET_ARN: SecretArn.optional(),
  /** The site with the documentation; problems link to its pages. */
  SITE_URL: z.url(),
  ...TelemetryEnvironment.shape,
});
