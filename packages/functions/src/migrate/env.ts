import { SecretArn } from "@cloud-design/core/environment";
import * as z from "zod";
import { InstanceUrl } from "../shared/instance-url.ts";

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
