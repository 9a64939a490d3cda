import {
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { openS3 } from "./s3.ts";

/** Shorter than the page's refresh interval, so that no reader gets an old check twice. */
const CACHE_CONTROL = "public, max-age=1, must-revalidate";

/** The stored objects of the status page. */
export interface Store {
  /** Undefined when the object does not exist. */
  read(key: string): Promise<string | undefined>;
  /** When it was last written; undefined when the object does not exist. */
  writtenAt(key: string): Promise<Date | undefined>;
  write(key: string, contentType: string, content: string): Promise<void>;
}

export function openStore(bucket: string): Store {
  const client = openS3();
  return {
    async read(key) {
      const answer = await client
        .send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        .catch(unlessMissing);
      return answer?.Body?.transformToString();
    },
    async writtenAt(key) {
      const answer = await client
        .send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
        .catch(unlessMissing);
      return answer?.LastModified;
    },
    async write(key, contentType, content) {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: content,
          ContentType: contentType,
          CacheControl: CACHE_CONTROL,
        }),
      );
    },
  };
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof NoSuchKey || error instanceof NotFound) return undefined;
  throw error;
}
