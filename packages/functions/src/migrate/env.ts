import { SecretArn } from "@cloud-design/core/environment";
import * as z from "zod";

/** Any mode between these two encrypts without looking whose certificate it is. */
const SSL_MODES = ["verify-full", "disable"];

/** Straight to an instance and its database `postgres`; RDS Proxy breaks the lock that keeps two migrations apart. */
const InstanceUrl = z
  .url({ protocol: /^postgres(ql)?$/ })
  .refine(
    (url) => SSL_MODES.includes(URL.parse(url)?.searchParams.get("sslmode") ?? ""),
    "must end in ?sslmode=verify-full, or ?sslmode=disable on a laptop",
  );

export const MigrateEnvironment = z.object({
  INVENTORY_DATABASE_URL: InstanceUrl,
  BILLING_DATABASE_URL: InstanceUrl,
  /** Who may make databases and roles there. */
  INVENTORY_ADMIN_SECRET_ARN: SecretArn,
  BILLING_ADMIN_SECRET_ARN: SecretArn,
  /** What the services sign in with. */
  INVENTORY_SERVICE_SECRET_ARN: SecretArn,
  BILLING_SERVICE_SECRET_ARN: SecretArn,
});
/** As the function is given it. */
export type MigrateEnvironment = z.input<typeof MigrateEnvironment>;
