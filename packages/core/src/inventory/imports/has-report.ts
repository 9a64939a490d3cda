import { IMPORT_RETENTION_DAYS, type Import } from "./import.ts";

/** Whether an import has a report that S3 still keeps: its file was read, and is not older than its objects get. */
export function hasReport(
  { rows, created_at }: Pick<Import, "rows" | "created_at">,
  // biome-ignore lint/plugin: compared with the time of a row, in days.
  now = Date.now(),
): boolean {
  const ageDays = (now - Date.parse(created_at)) / (24 * 60 * 60 * 1_000);
  return rows.bad !== undefined && ageDays < IMPORT_RETENTION_DAYS;
}
