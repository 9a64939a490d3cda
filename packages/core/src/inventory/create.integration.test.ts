import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { type Database, openDatabase } from "../database.ts";
import { create, type MovieBody, remove } from "./index.ts";

const admin = postgres(inject("adminUrl").replace(/postgres$/, "movies"), { max: 1, onnotice: () => {} });
const movie = { title: "Playtime", description: "Comedy, 1967." };
const options = { owner: "ann", idempotencyKey: "checkout-1" };
let database: Database;

beforeAll(() => {
  database = openDatabase({ url: inject("moviesUrl"), name: "test" });
});
beforeEach(() => admin`TRUNCATE movies, movie_requests RESTART IDENTITY`);
afterAll(() => Promise.all([admin.end(), database.close()]));

const createOnce = (body: MovieBody) => database.run((db) => create(db, body, options));

/** A body of a later schema with more fields. */
interface LaterBody extends MovieBody {
  laterNumber?: number | undefined;
  laterNames?: Record<string, string>;
}
const later: LaterBody = { ...movie, laterNumber: 1967, laterNames: { hulot: "Tati", barbara: "Dennek" } };

test("gives a repetition the first answer, also with a field unknown to this test", async () => {
  const first = await createOnce(later);
  expect(await createOnce(later)).toEqual(first);
  expect(await admin`SELECT id FROM movies`).toHaveLength(1);
});

test("accepts the same fields in another order, and a field without a value, as the same movie", async () => {
  const first = await createOnce(later);
  const { title, description, laterNumber, laterNames } = later;
  const other = {
    laterNumber,
    laterNames: Object.fromEntries(Object.entries(laterNames ?? {}).reverse()),
    description,
    title,
  };
  expect(await createOnce(other)).toEqual(first);

  await admin`TRUNCATE movie_requests`;
  const plain = await createOnce(movie);
  const empty: LaterBody = { ...movie, laterNumber: undefined };
  expect(await createOnce(empty)).toEqual(plain);
});

test.each<[string, LaterBody]>([
  ["another value of the new field", { ...later, laterNumber: 1968 }],
  ["another value within it", { ...later, laterNames: { hulot: "Tati", barbara: "Somebody" } }],
  ["without it", { ...movie }],
  ["another name for the same value", { ...movie, ...{ published: 1967 } }],
])("refuses the key with %s", async (_, body) => {
  await createOnce(later);
  await expect(createOnce(body)).rejects.toMatchObject({ code: "key-reused" });
});

test("accepts the fingerprints of earlier versions, which may run at the same time", async () => {
  const { id } = await database.run((db) => create(db, movie, { owner: "bob" }));
  await admin`INSERT INTO movie_requests (key, fingerprint, movie_id) VALUES (
    'd14af4e50da4f10d23ac985dbfe02889538a541a97897ef585c77829c1433e44',
    '5a01f8b447850699dc93b08ff332097abfa51f7ccfd9181b461dd6dfe043d5f6', ${id})`;
  expect(await createOnce(movie)).toEqual({ id, ...movie });
});

test("requests with one key at the same time make one movie, and all get the same answer", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => createOnce(movie)));
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  expect(await admin`SELECT id FROM movies`).toHaveLength(1);
});

test("a request waits for an earlier one with its key, and makes the movie only if that one fails", async () => {
  for (const end of ["COMMIT", "ROLLBACK"]) {
    await admin`TRUNCATE movies, movie_requests RESTART IDENTITY`;
    const { id: other } = await database.run((db) => create(db, movie, { owner: "bob" }));
    const { key, fingerprint } = await requestOf(movie);
    await admin`BEGIN`;
    await admin`INSERT INTO movie_requests (key, fingerprint, movie_id) VALUES (${key}, ${fingerprint}, ${other})`;
    let isAnswered = false;
    const made = createOnce(movie).finally(() => {
      isAnswered = true;
    });
    await expect
      .poll(() => admin`SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'`)
      .toHaveLength(1);
    expect(isAnswered).toBe(false);
    await admin.unsafe(end);
    expect((await made).id === other).toBe(end === "COMMIT");
    expect(await admin`SELECT id FROM movies`).toHaveLength(end === "COMMIT" ? 1 : 2);
  }
});

test("a movie that was deleted is not made again by a late repetition", async () => {
  const first = await createOnce(movie);
  await database.run((db) => remove(db, first.id));
  expect(await createOnce(movie)).toEqual(first);
  expect(await admin`SELECT id FROM movies`).toEqual([]);
});

/** The row that `createOnce` would write. */
async function requestOf(body: MovieBody) {
  const { id } = await createOnce(body);
  const [row] = await admin<{ key: string; fingerprint: string }[]>`DELETE FROM movie_requests RETURNING *`;
  await admin`DELETE FROM movies WHERE id = ${id}`;
  if (!row) throw new Error("no row was written");
  return row;
}
