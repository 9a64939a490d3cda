import { IMPORT_ROWS_MAX } from "@cloud-design/core/inventory/import";
import { MOVIE_BYTES_MAX, MovieBody } from "@cloud-design/core/inventory/movie";
import { normalise } from "@cloud-design/core/inventory/movie-digest";
import type * as z from "zod";
import type { Row } from "./row.ts";
import { UnusableFileError } from "./unusable-file.ts";

/** Enough for a sentence; a name in the file could be as long as the file. */
const FLAW_CHARACTERS_MAX = 200;
/** The character that `decode` gives for bytes that are not UTF-8. */
const REPLACEMENT = "\ufffd";

/**
 * Passes on the normalised movie of each row that the API would accept, and reports why another is refused. Throws
 * `too_many_rows` beyond 500,000 rows: later filters remember each.
 */
export async function* judge(
  rows: AsyncIterable<Row>,
  report: (line: number, flaw: string) => void,
): AsyncGenerator<MovieBody> {
  let count = 0;
  for await (const row of rows) {
    if (++count > IMPORT_ROWS_MAX) throw new UnusableFileError("too_many_rows");
    const judged = "flaw" in row ? row.flaw : judgeValue(row.value);
    if (typeof judged === "string") report(row.line, judged);
    else yield judged;
  }
}

function judgeValue(value: unknown): MovieBody | string {
  const parsed = MovieBody.safeParse(value);
  if (!parsed.success) return flawOf(parsed.error.issues).slice(0, FLAW_CHARACTERS_MAX).toWellFormed();
  const movie = normalise(parsed.data);
  // Composed text may be longer.
  const composed = MovieBody.safeParse(movie);
  if (!composed.success) return flawOf(composed.error.issues);
  const text = JSON.stringify(movie);
  if (text.includes(REPLACEMENT)) return "must be UTF-8, without U+FFFD";
  if (Buffer.byteLength(text) > MOVIE_BYTES_MAX) return `must have at most ${MOVIE_BYTES_MAX} bytes`;
  return movie;
}

function flawOf([issue]: readonly z.core.$ZodIssue[]): string {
  if (issue?.code === "unrecognized_keys") return `${issue.keys[0]} is no field of a movie`;
  return [...(issue?.path ?? []), issue?.message].join(" ");
}
