import { FailureReason, ImportId } from "@cloud-design/core/inventory/import";
import * as z from "zod";

const Count = z.int().min(0);
const id = { import: ImportId };
/** The digest of the file that the splitter read: it must be the announced one. */
const sha256 = z.string();

/** The messages of the queue `import-chunks`. They name objects and never carry one (claim check). */
export const ImportMessage = z.union([
  /** The splitter has begun with the file. */
  z.strictObject({ ...id, started: z.literal(true) }),
  /** The splitter can do nothing with the file. */
  z.strictObject({ ...id, failed: FailureReason }),
  /** The whole file is split. */
  z.strictObject({ ...id, sha256, chunks: Count, rows: Count, bad: Count, duplicates: Count }),
  /** The chunk with this number waits to be loaded. Its key follows from the import's id and the number. */
  z.strictObject({ ...id, sha256, chunk: Count, rows: Count }),
]);
export type ImportMessage = z.output<typeof ImportMessage>;
