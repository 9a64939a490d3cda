import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Db } from "../database.ts";
import { DomainError } from "../errors.ts";
import { everyField } from "../every-field.ts";
import { movieRequestTable, movieTable } from "./movie.sql.ts";
import { Movie, type MovieBody } from "./movie.ts";
import { movieColumns, movieOf, rowOf } from "./row.ts";

export interface CreateOptions {
  /** `sub` of the caller: the same key of two callers is two keys. */
  owner: string;
  idempotencyKey?: string | undefined;
}

/**
 * Creates a movie. With an idempotency key it is created once, and every repetition gets the same answer. Throws
 * `key-reused` when the key was used before with another movie.
 */
export async function create(db: Db, body: MovieBody, options: CreateOptions): Promise<Movie> {
  const { owner, idempotencyKey } = options;
  if (idempotencyKey === undefined) return insert(db, body);
  const key = sha256(owner, idempotencyKey);
  const fingerprint = fingerprintOf(body);

  return db.transaction(async (tx) => {
    // A second request with this key waits here until the first one commits, then sees its row.
    const [first] = await tx
      .insert(movieRequestTable)
      .values({ key, fingerprint })
      .onConflictDoNothing()
      .returning();
    if (first) {
      const movie = await insert(tx, body);
      await tx.update(movieRequestTable).set({ movieId: movie.id }).where(eq(movieRequestTable.key, key));
      return movie;
    }
    const [earlier] = await tx.select().from(movieRequestTable).where(eq(movieRequestTable.key, key));
    if (!earlier?.movieId || earlier.fingerprint !== fingerprint) {
      throw new DomainError(
        "key-reused",
        "This Idempotency-Key was used for another movie. Use a new key for a new movie.",
      );
    }
    return Movie.parse({ id: earlier.movieId, ...body } satisfies Movie);
  });
}

async function insert(db: Db, body: MovieBody): Promise<Movie> {
  const [row] = await db.insert(movieTable).values(rowOf(body)).returning(movieColumns);
  if (!row) throw new Error("INSERT ... RETURNING gave no row");
  return movieOf(row);
}

/** A fingerprint of the whole body. A body of title and description alone has the one that every version has stored. */
function fingerprintOf({ title, description, ...others }: MovieBody): string {
  return sha256(...everyField([title, description], others));
}

function sha256(...parts: unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
