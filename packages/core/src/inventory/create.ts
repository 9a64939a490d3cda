import { hash } from "node:crypto";
import { type Column, eq, type SQL, sql } from "drizzle-orm";
import { type Db, prepared, sqlState } from "../database.ts";
import { DomainError } from "../errors.ts";
import { everyField } from "../every-field.ts";
import { movieRequestTable, movieTable } from "./movie.sql.ts";
import { Movie, type MovieBody } from "./movie.ts";
import { bodyFields, bodyPlaceholders, movieColumns, movieOf, rowOf } from "./row.ts";

const UNIQUE_VIOLATION = "23505";

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
  if (idempotencyKey === undefined) {
    const [row] = await insert(db).execute(rowOf(body));
    if (!row) throw new Error("INSERT ... RETURNING gave no row");
    return movieOf(row);
  }
  const request = { key: sha256(owner, idempotencyKey), fingerprint: fingerprintOf(body) };
  const make = () => insertOnce(db).execute({ ...rowOf(body), ...request });
  const [made] = await make().catch((error: unknown) => {
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
    // Another request with this key committed while this one waited for it. Now its row can be read.
    return make();
  });
  if (!made?.id || made.fingerprint !== request.fingerprint) {
    throw new DomainError(
      "key-reused",
      "This Idempotency-Key was used for another movie. Use a new key for a new movie.",
    );
  }
  return Movie.parse({ id: made.id, ...body } satisfies Movie);
}

const insert = prepared((db) =>
  db.insert(movieTable).values(bodyPlaceholders).returning(movieColumns).prepare("create movie"),
);

/**
 * Inserts a movie with its key, unless the key exists already; selects the fingerprint and the id of the movie that the
 * key belongs to. A second request with the key waits until the first one commits, and then fails with UNIQUE_VIOLATION
 * without a movie.
 */
const insertOnce = prepared((db) => {
  const { key, fingerprint, movieId } = movieRequestTable;
  const [keySent, fingerprintSent] = [sql.placeholder("key"), sql.placeholder("fingerprint")];
  const earlier = db
    .$with("earlier")
    .as(db.select({ fingerprint, movieId }).from(movieRequestTable).where(eq(key, keySent)));
  const movie = db.$with("movie", { id: movieTable.id }).as(
    sql`insert into ${movieTable} (${names(bodyFields.map((field) => movieTable[field]))})
      select ${typedValues} where not exists (select from ${earlier})
      returning ${names([movieTable.id])}`,
  );
  const request = db.$with("request", {}).as(
    sql`insert into ${movieRequestTable} (${names([key, fingerprint, movieId])})
      select ${keySent}, ${fingerprintSent}, ${movie.id} from ${movie}
      returning ${names([fingerprint, movieId])}`,
  );
  return db
    .with(earlier, movie, request)
    .select({ fingerprint: sql<string>`fingerprint`, id: sql`movie_id`.mapWith(movieId) })
    .from(sql`(table ${earlier} union all table ${request}) as made`)
    .prepare("create movie once");
});

/** In the list of a SELECT, unlike in VALUES, PostgreSQL does not see the types of the columns that the values are for. */
const typedValues = sql.join(
  bodyFields.map((field) => sql`${bodyPlaceholders[field]}::${sql.raw(movieTable[field].getSQLType())}`),
  sql`, `,
);

function names(columns: readonly Column[]): SQL {
  return sql.join(
    columns.map(({ name }) => sql.identifier(name)),
    sql`, `,
  );
}

/** A fingerprint of the whole body. A body of title and description alone has the one that every version has stored. */
function fingerprintOf({ title, description, ...others }: MovieBody): string {
  return sha256(...everyField([title, description], others));
}

function sha256(...parts: unknown[]): string {
  return hash("sha256", JSON.stringify(parts));
}
