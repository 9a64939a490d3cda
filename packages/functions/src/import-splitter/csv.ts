import { MOVIE_BYTES_MAX, MovieBody } from "@cloud-design/core/inventory/movie";
import { type CsvRecord, records } from "./records.ts";
import type { Row } from "./row.ts";
import { UnusableFileError } from "./unusable-file.ts";

const COLUMNS = Object.keys(MovieBody.shape).toSorted();
const LIMITS = { fieldsMax: COLUMNS.length, charactersMax: MOVIE_BYTES_MAX };

/** The first line names the columns of a movie, in any order and case; otherwise it throws `bad_header`. */
export async function* csv(texts: AsyncIterable<string>): AsyncGenerator<Row> {
  let header: string[] | undefined;
  for await (const record of records(texts, LIMITS)) {
    if (header) yield rowOf(record, header);
    else header = headerOf(record);
  }
  if (!header) throw new UnusableFileError("bad_header");
}

function headerOf({ fields, fieldCount }: CsvRecord): string[] {
  const names = fields.map((name) => name.trim().toLowerCase());
  if (fieldCount !== COLUMNS.length || names.toSorted().join() !== COLUMNS.join())
    throw new UnusableFileError("bad_header");
  return names;
}

function rowOf({ line, fields, fieldCount, isTooLong, isOpen }: CsvRecord, header: readonly string[]): Row {
  if (isOpen)
    return {
      line,
      flaw: "must close its quote: the file ends within this row, and nothing after it is read",
    };
  if (isTooLong) return { line, flaw: `must have at most ${MOVIE_BYTES_MAX} bytes` };
  if (fieldCount !== header.length)
    return { line, flaw: `must have ${header.length} fields, and has ${fieldCount}` };
  return { line, value: Object.fromEntries(header.map((name, index) => [name, fields[index]])) };
}
