import { SecretArn } from "@cloud-design/core/environment";
import * as z from "zod";

export const CertificateEnvironment = z.object({
  /** The authority with its private key, which only this function may read. */
  AUTHORITY_SECRET_ARN: SecretArn,
  /** A task's certificate and key; the services read it. */
  TASK_SECRET_ARN: SecretArn,
  /** Tags of the certificate in ACM; by them this function may change its own certificates and no others. */
  SST_APP: z.string().min(1),
  SST_STAGE: z.string().min(1),
});
/** The part that the stack sets; SST adds the other two. */
export type CertificateEnvironment = Omit<z.input<typeof CertificateEnvironment>, "SST_APP" | "SST_STAGE">;
