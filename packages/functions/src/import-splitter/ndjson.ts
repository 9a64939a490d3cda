import { MOVIE_BYTES_MAX } from "@cloud-design/core/inventory/movie";
import { parseJson } from "@cloud-design/core/json";
import type { Row } from "./row.ts";

/** One JSON value a line. Blank lines are left out. A line that is too long is skipped and never held, however it arrives. */
export async function* ndjson(texts: AsyncIterable<string>): AsyncGenerator<Row> {
  let line = 1;
  let rest = "";
  let isTooLong = false;
  for await (const text of texts) {
    let from = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
      const row = rowOf(line++, rest + text.slice(from, end), isTooLong);
      if (row) yield row;
      from = end + 1;
      rest = "";
      isTooLong = false;
    }
    rest += text.slice(from);
    if (rest.length > MOVIE_BYTES_MAX) {
      rest = "";
      isTooLong = true;
    }
  }
  const row = rowOf(line, rest, isTooLong);
  if (row) yield row;
}

function rowOf(line: number, text: string, isTooLong: boolean): Row | undefined {
  if (isTooLong || text.length > MOVIE_BYTES_MAX)
    return { line, flaw: `must have at most ${MOVIE_BYTES_MAX} bytes` };
  if (text.trim() === "") return undefined;
  const value = parseJson(text);
  return value === undefined ? { line, flaw: "must be JSON" } : { line, value };
}
