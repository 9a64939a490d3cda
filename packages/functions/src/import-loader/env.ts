import { SecretArn } from "@cloud-design/core/environment";
import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import * as z from "zod";

export const ImportLoaderEnvironment = z.object({
  /** The bucket with the chunks. The function reads `imports/*` and lists the bucket, for the same reason as the splitter. */
  IMPORTS_BUCKET: z.string().min(1),
  IMPORT_CHUNKS_QUEUE_URL: z.url(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** The secret with user name and password for `DATABASE_URL`; without it the URL contains them. */
  DATABASE_SECRET_ARN: SecretArn.optional(),
  ...TelemetryEnvironment.shape,
});
/** The environment as the stack sets it. */
export type ImportLoaderEnvironment = z.input<typeof ImportLoaderEnvironment>;
