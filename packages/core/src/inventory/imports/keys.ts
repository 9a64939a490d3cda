import { ImportId } from "./import.ts";

/** The keys of an import's objects in the bucket of imports. */
export const uploadKey = (id: string) => `imports/${id}/upload`;
export const chunkKey = (id: string, chunk: number) => `imports/${id}/chunks/${chunk}.ndjson`;
/** Exists once all messages about the file are sent. */
export const sentKey = (id: string) => `imports/${id}/sent`;
export const reportKey = (id: string) => `reports/${id}.ndjson`;

/** The import whose upload has this key; undefined for any other key. */
export function importOfUpload(key: string): string | undefined {
  const id = ImportId.safeParse(key.split("/")[1]).data;
  return id !== undefined && key === uploadKey(id) ? id : undefined;
}
