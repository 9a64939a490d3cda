import { Readable } from "node:stream";
import { MovieBody } from "@cloud-design/core/inventory/movie";
import { type Info, parse } from "csv-parse";
import type { Row } from "./row.ts";
import { UnusableFileError } from "./unusable-file.ts";

interface Parsed {
  record: string[];
  info: Pick<Info, "lines">;
}

const COLUMNS = Object.keys(MovieBody.shape);

/**
 * RFC 4180, with any end of line. The first line names the columns, in any order; otherwise it throws `bad_header`. Quotes
 * within a bare field are characters, as spreadsheets take them.
 */
export async function* csv(texts: AsyncIterable<string>): AsyncGenerator<Row> {
  let isUnclosed = false;
  const parser = parse({
    info: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    // With the above, only a quote that never ends is an error: without this it would take the rows before it along.
    skip_records_with_error: true,
    on_skip: () => {
      isUnclosed = true;
    },
  });
  let header: string[] | undefined;
  let begin = 1;
  for await (const { record, info } of Readable.from(texts).compose(parser) as AsyncIterable<Parsed>) {
    const line = begin;
    begin = info.lines + 1;
    if (!header) header = headerOf(record);
    else if (record.length !== header.length)
      yield { line, flaw: `must have ${header.length} fields, and has ${record.length}` };
    else yield { line, value: Object.fromEntries(header.map((name, index) => [name, record[index]])) };
  }
  if (!header) throw new UnusableFileError("bad_header");
  if (isUnclosed) yield { line: begin, flaw: "must close its quote" };
}

function headerOf(record: readonly string[]): string[] {
  const names = record.map((name) => name.trim().toLowerCase());
  if (names.toSorted().join() !== COLUMNS.toSorted().join()) throw new UnusableFileError("bad_header");
  return names;
}
