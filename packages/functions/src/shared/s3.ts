import { S3Client } from "@aws-sdk/client-s3";

/** A body that stands still for so long is lost. It is more than two tries of a write, for which a reader may wait. */
const IDLE_MS = 15_000;

/** A client of S3 for a function, which fails soon enough for a second try before the function's own time-out. */
export function openS3(): S3Client {
  return new S3Client({
    maxAttempts: 2,
    // A bucket in the host name needs a certificate and DNS for that name; a laptop has neither.
    forcePathStyle: true,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      throwOnRequestTimeout: true,
      socketTimeout: IDLE_MS,
    },
  });
}
