import { SecretArn } from "@cloud-design/core/environment";
import * as z from "zod";

export const CertificateEnvironment = z.object({
  /** The authority with its private key, which this function alone may read. */
  AUTHORITY_SECRET_ARN: SecretArn,
  /** What a task shows to the balancer; the services read it. */
  TASK_SECRET_ARN: SecretArn,
  /** Tags of the certificate in ACM: by them this function may touch its own and no other. */
  SST_APP: z.string().min(1),
  SST_STAGE: z.string().min(1),
});
/** As the function is given it; SST adds its two. */
export type CertificateEnvironment = Omit<z.input<typeof CertificateEnvironment>, "SST_APP" | "SST_STAGE">;
