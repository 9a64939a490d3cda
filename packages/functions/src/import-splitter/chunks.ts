import { CHUNK_ROWS_MAX } from "@cloud-design/core/inventory/import";
import type { DigestedMovie } from "./unique.ts";

/** A chunk of so much text ends before it has 500 rows: it is one parameter of one statement. */
const CHARACTERS_MAX = 1024 * 1024;

export interface ChunkContent {
  chunk: number;
  rows: number;
  /** NDJSON. */
  content: string;
}

/** Cuts movies into chunks, numbered from 0: the same movies give the same chunks. */
export async function* chunks(movies: AsyncIterable<DigestedMovie>): AsyncGenerator<ChunkContent> {
  let [chunk, rows, content] = [0, 0, ""];
  for await (const movie of movies) {
    content += `${JSON.stringify(movie)}\n`;
    rows++;
    if (rows < CHUNK_ROWS_MAX && content.length < CHARACTERS_MAX) continue;
    yield { chunk, rows, content };
    [chunk, rows, content] = [chunk + 1, 0, ""];
  }
  if (rows > 0) yield { chunk, rows, content };
}
