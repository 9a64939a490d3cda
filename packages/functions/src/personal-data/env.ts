import { SecretArn } from "@cloud-design/core/environment";
import * as z from "zod";
import { InstanceUrl } from "../shared/instance-url.ts";

export const PersonalDataEnvironment = z.object({
  BILLING_DATABASE_URL: InstanceUrl,
  /** The owner of the tables: billing itself may not change a row of `orders`. */
  BILLING_ADMIN_SECRET_ARN: SecretArn,
});
/** The environment as the stack sets it. */
export type PersonalDataEnvironment = z.input<typeof PersonalDataEnvironment>;
