import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import * as z from "zod";

export const ImportSplitterEnvironment = z.object({
  /**
   * The bucket with the uploads, and for chunks and reports. The function reads `imports/*`, writes `imports/*` and
   * `reports/*`, and lists the bucket: without that right S3 answers 403 instead of 404 for a deleted object.
   */
  IMPORTS_BUCKET: z.string().min(1),
  /** The queue with the uploads: a failed message comes back to it after a pause. */
  IMPORTS_QUEUE_URL: z.url(),
  IMPORT_CHUNKS_QUEUE_URL: z.url(),
  ...TelemetryEnvironment.shape,
});
/** The environment as the stack sets it. */
export type ImportSplitterEnvironment = z.input<typeof ImportSplitterEnvironment>;
