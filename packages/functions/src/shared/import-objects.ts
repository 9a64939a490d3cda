import { GetObjectCommand, NoSuchKey, PutObjectCommand } from "@aws-sdk/client-s3";
import { openS3 } from "./s3.ts";

export interface ImportObject {
  bytes: number;
  contentType: string;
  body: AsyncIterable<Uint8Array>;
  text(): Promise<string>;
}

/** The bucket of imports. */
export interface ImportObjects {
  /** Undefined when the object does not exist. */
  read(key: string): Promise<ImportObject | undefined>;
  write(key: string, content: string): Promise<void>;
}

export function openImportObjects(bucket: string): ImportObjects {
  const client = openS3();
  return {
    async read(key) {
      const answer = await client
        .send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        .catch((error: unknown) => {
          if (error instanceof NoSuchKey) return undefined;
          throw error;
        });
      if (!answer?.Body) return undefined;
      const { Body: body, ContentLength: bytes = 0, ContentType: contentType = "" } = answer;
      return {
        bytes,
        contentType,
        body: body as AsyncIterable<Uint8Array>,
        text: () => body.transformToString(),
      };
    },
    async write(key, content) {
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        // A string without characters would count as a stream of unknown length.
        Body: Buffer.from(content),
        ContentType: "application/x-ndjson",
      });
      await client.send(command);
    },
  };
}
