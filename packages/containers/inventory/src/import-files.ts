import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import {
  CONTENT_TYPES,
  type ImportBody,
  type ImportUpload,
  reportKey,
  uploadKey,
} from "@cloud-design/core/inventory";

/** Long enough to begin an upload, which then may take as long as it takes. */
const VALID_SECONDS = 300;

/** Signs what a client may do with the files of an import. It asks S3 nothing: a signature is computed. */
export interface ImportFiles {
  /** A form for exactly the announced file: key, type, length and checksum (S3 API reference, "POST Policy"). A PUT could not bound the length. */
  upload(id: string, body: ImportBody): Promise<ImportUpload>;
  /** The address of the report of this import. */
  reportUrl(id: string): Promise<string>;
}

export function openImportFiles(bucket: string): ImportFiles {
  // A bucket in the host name needs a certificate and DNS for that name; a laptop has neither.
  const client = new S3Client({ forcePathStyle: true });
  return {
    async upload(id, { format, bytes, sha256 }) {
      const { url, fields } = await createPresignedPost(client, {
        Bucket: bucket,
        Key: uploadKey(id),
        Expires: VALID_SECONDS,
        Fields: {
          "Content-Type": CONTENT_TYPES[format],
          "x-amz-checksum-sha256": Buffer.from(sha256, "hex").toString("base64"),
        },
        Conditions: [["content-length-range", bytes, bytes]],
      });
      return { url, fields, valid_seconds: VALID_SECONDS };
    },
    reportUrl: (id) =>
      getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: reportKey(id) }), {
        expiresIn: VALID_SECONDS,
      }),
  };
}
