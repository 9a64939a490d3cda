import { SecretArn } from "@cloud-design/core/environment";
import * as z from "zod";

/** All modes between these two encrypt without checking whose certificate it is. */
const SSL_MODES = ["verify-full", "disable"];

/** An instance and its database `postgres`, not RDS Proxy, which breaks the lock that keeps two migrations apart. */
const InstanceUrl = z
  .url({ protocol: /^postgres(ql)?$/ })
  .refine(
    (url) => SSL_MODES.includes(URL.parse(url)?.searchParams.get("sslmode") ?? ""),
    "must end in ?sslmode=verify-full, or ?sslmode=disable on a laptop",
  );

export const MigrateEnvironment = z.object({
  INVENTORY_DATABASE_URL: InstanceUrl,
  BILLING_DATABASE_URL: InstanceUrl,
  /** The roles that may create databases and roles. */
  INVENTORY_ADMIN_SECRET_ARN: SecretArn,
  BILLING_ADMIN_SECRET_ARN: SecretArn,
  /** The credentials of the services. */
  INVENTORY_SERVICE_SECRET_ARN: SecretArn,
  BILLING_SERVICE_SECRET_ARN: SecretArn,
});
/** The environment as the stack sets it. */
export type MigrateEnvironment = z.input<typeof MigrateEnvironment>;
