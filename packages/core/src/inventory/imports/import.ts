import * as z from "zod";

/** Largest file: 25 MiB. */
export const IMPORT_BYTES_MAX = 25 * 1024 * 1024;
/** Largest announcement; a good one has some 120 bytes. */
export const ANNOUNCEMENT_BYTES_MAX = 1_024;
/** How long an import that makes no progress counts as alive. */
export const STALLED_HOURS = 1;

/** Most imports of an owner that have not ended: at some ten seconds for a large file, others then wait for minutes at most. */
export const IMPORTS_OPEN_MAX = 20;

/** How long S3 keeps the objects of an import, and SQS the messages about them. */
export const IMPORT_RETENTION_DAYS = 7;

/** Most rows of a file; the splitter remembers a digest of each. */
export const IMPORT_ROWS_MAX = 500_000;
/** Rows of a chunk, the unit that is loaded in one transaction. */
export const CHUNK_ROWS_MAX = 500;

export const IMPORT_FORMATS = ["csv", "ndjson"] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** The content type of the uploaded object; the splitter reads the format from it. */
export const CONTENT_TYPES = { csv: "text/csv", ndjson: "application/x-ndjson" } as const satisfies Record<
  ImportFormat,
  string
>;

/** The announcement of a file. */
export const ImportBody = z.strictObject(
  {
    format: z.enum(IMPORT_FORMATS).meta({
      description:
        "`csv`: RFC 4180, with a first line that names the columns `title` and `description`. `ndjson`: one JSON object a line.",
    }),
    bytes: z
      .int()
      .min(1)
      .max(IMPORT_BYTES_MAX)
      .meta({ description: "Exact size of the file, at most 25 MiB." }),
    sha256: z
      .string()
      .regex(/^[\da-f]{64}$/, "must be 64 hexadecimal digits in lower case")
      .meta({ description: "SHA-256 of the file in hexadecimal, as `sha256sum` prints it." }),
  },
  "must be a JSON object",
);
export type ImportBody = z.output<typeof ImportBody>;

/** An id in a path or in the key of an object. */
export const ImportId = z.string().regex(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);

export const ImportState = z.enum(["awaiting_upload", "queued", "running", "done", "failed"]);

/** Why the splitter or a loader gave an import up. */
export const FailureReason = z.enum([
  /** The file or a chunk of it was deleted before it was read. */
  "payload_gone",
  /** The file is not the announced one. */
  "checksum_mismatch",
  /** The first line of a CSV file does not name exactly the columns of a movie. */
  "bad_header",
  /** The file has more than 500,000 rows. */
  "too_many_rows",
]);
export type FailureReason = z.output<typeof FailureReason>;

const Count = z.int().min(0);

export const Import = z.object({
  id: ImportId,
  state: ImportState,
  /** Present when the state is `failed`. */
  reason: z
    .enum([...FailureReason.options, "never_uploaded", "stalled"])
    .optional()
    .meta({ description: "Present when the import has failed." }),
  format: z.enum(IMPORT_FORMATS),
  bytes: Count,
  rows: z.object({
    total: Count.optional().meta({ description: "Rows to load; absent until the file is read to its end." }),
    done: Count.meta({ description: "Rows that are loaded." }),
    added: Count.meta({ description: "Loaded rows that are new movies; an earlier import had the others." }),
    bad: Count.optional().meta({ description: "Rows that are refused; the report says why." }),
    duplicates: Count.optional().meta({ description: "Rows that repeat an earlier row of the file." }),
  }),
  created_at: z.iso.datetime(),
});
export type Import = z.output<typeof Import>;
