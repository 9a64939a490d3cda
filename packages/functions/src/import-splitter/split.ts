import { createHash, type Hash } from "node:crypto";
import { CONTENT_TYPES, IMPORT_BYTES_MAX } from "@cloud-design/core/inventory/import";
import { chunkKey, reportKey, uploadKey } from "@cloud-design/core/inventory/import-keys";
import type { ImportMessage } from "../shared/import-message.ts";
import type { ImportObject, ImportObjects } from "../shared/import-objects.ts";
import { chunks } from "./chunks.ts";
import { csv } from "./csv.ts";
import { decode } from "./decode.ts";
import { judge } from "./judge.ts";
import { lineFeeds } from "./line-feeds.ts";
import { ndjson } from "./ndjson.ts";
import { createReport } from "./report.ts";
import { unique } from "./unique.ts";
import { UnusableFileError } from "./unusable-file.ts";

/** S3 takes some 30 ms for an object: with these, a file of 1,000 chunks waits for 4 s instead of 30. */
const WRITERS = 8;

/**
 * Splits an upload into chunks and a report, and returns the messages for the loaders: only when the whole file is read,
 * so that nothing of a useless file is loaded. The same file gives the same chunks again. It holds some chunks and a digest
 * of each movie, never the file.
 */
export async function split(id: string, objects: ImportObjects): Promise<ImportMessage[]> {
  const upload = await objects.read(uploadKey(id));
  if (!upload) return [{ import: id, failed: "payload_gone" }];
  try {
    return await splitUpload(id, upload, objects);
  } catch (error) {
    if (error instanceof UnusableFileError) return [{ import: id, failed: error.reason }];
    throw error;
  }
}

async function splitUpload(
  id: string,
  upload: ImportObject,
  objects: ImportObjects,
): Promise<ImportMessage[]> {
  // No announced file is so large, and this function's time and memory are meant for one.
  if (upload.bytes > IMPORT_BYTES_MAX) throw new UnusableFileError("checksum_mismatch");
  const hash = createHash("sha256");
  const report = createReport();
  let duplicates = 0;
  const rows = formatOf(upload)(lineFeeds(decode(hashed(upload.body, hash))));
  const movies = unique(judge(rows, report.add), () => duplicates++);
  const cut = chunks(movies);
  const rowsOf: number[] = [];
  const write = async () => {
    for await (const { chunk, rows, content } of cut) {
      rowsOf[chunk] = rows;
      await objects.write(chunkKey(id, chunk), content);
    }
  };
  // Each takes the next chunk when it has written one; the first failure ends the rest.
  await Promise.all(Array.from({ length: WRITERS }, write));
  await objects.write(reportKey(id), report.text());

  const sha256 = hash.digest("hex");
  const total = rowsOf.reduce((sum, rows) => sum + rows, 0);
  return [
    { import: id, sha256, chunks: rowsOf.length, rows: total, bad: report.bad, duplicates },
    ...rowsOf.map((rows, chunk) => ({ import: id, sha256, chunk, rows })),
  ];
}

function formatOf({ contentType }: ImportObject) {
  if (contentType === CONTENT_TYPES.csv) return csv;
  if (contentType === CONTENT_TYPES.ndjson) return ndjson;
  throw new Error(`The upload has the content type ${contentType}, which its form does not allow.`);
}

async function* hashed(bytes: AsyncIterable<Uint8Array>, hash: Hash) {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}
