import { IdentityEnvironment } from "@cloud-design/core/identity";
import * as z from "zod";

/** What every service needs to know. */
export const ServiceEnvironment = IdentityEnvironment.extend({
  PORT: z.coerce.number().int().min(1).max(65_535),
  /** All interfaces in a container; a laptop listens to itself alone. */
  HOST: z.string().default("0.0.0.0"),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Where the docs stand; problems point to its pages. */
  SITE_URL: z.url(),
});
