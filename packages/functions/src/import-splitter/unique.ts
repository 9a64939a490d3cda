import type { MovieBody } from "@cloud-design/core/inventory/movie";
import { digestOf } from "@cloud-design/core/inventory/movie-digest";

/** A movie as a loader stores it. */
export type DigestedMovie = MovieBody & { digest: string };

/** Leaves out movies that repeat an earlier one. It holds a digest of each: 40 MB for the most that a file may have. */
export async function* unique(
  movies: AsyncIterable<MovieBody>,
  onDuplicate: () => void,
): AsyncGenerator<DigestedMovie> {
  const seen = new Set<string>();
  for await (const movie of movies) {
    const digest = digestOf(movie);
    if (seen.has(digest)) onDuplicate();
    else {
      seen.add(digest);
      yield { ...movie, digest };
    }
  }
}
