import postgres from "postgres";
import { afterAll, beforeEach, expect, inject, test } from "vitest";
import { openDatabase } from "../database.ts";
import { lead, sweepAsLeader } from "../leader.ts";
import { countOrdered, create, SWEEPS } from "./index.ts";

const admin = postgres(inject("adminUrl").replace(/postgres$/, "movies"), { max: 1, onnotice: () => {} });
const database = openDatabase({ url: inject("moviesUrl"), name: "test" });
let movies: number[];

beforeEach(async () => {
  await admin`TRUNCATE movies, counted_events`;
  movies = [];
  for (const title of ["Playtime", "Traffic"])
    movies.push((await database.run((db) => create(db, { title, description: "" }, { owner: "ann" }))).id);
});
afterAll(() => Promise.all([admin.end(), database.close()]));

const count = (...ordered: [eventId: string, movieId: number | undefined][]) =>
  database.run((db) =>
    countOrdered(
      db,
      ordered.map(([eventId, movieId = 0]) => ({ eventId, movieId })),
    ),
  );
async function times(): Promise<number[]> {
  const rows = await admin`SELECT times_ordered FROM movies ORDER BY id`;
  return rows.map((row) => row.times_ordered);
}

test("an event counts once, in its own batch and in later ones", async () => {
  const [first, second] = movies;
  expect(await count(["1", first], ["2", second], ["1", first], ["3", first])).toBe(3);
  expect(await count(["2", second], ["4", second])).toBe(1);
  expect(await times()).toEqual([2, 2]);
});

test("an event of an unknown movie is noted and changes nothing", async () => {
  expect(await count(["1", 999_999_999])).toBe(1);
  expect(await count(["1", 999_999_999])).toBe(0);
  expect(await times()).toEqual([0, 0]);
});

test("tasks that count the same movies in different orders lose nothing and do not lock each other", async () => {
  const [first, second] = movies;
  await Promise.all(
    Array.from({ length: 40 }, (_, number) => {
      const [one, other] = number % 2 ? [first, second] : [second, first];
      return count([`a${number}`, one], [`b${number}`, other], [`shared${number % 5}`, one]);
    }),
  );
  const [of, and] = await times();
  expect((of ?? 0) + (and ?? 0)).toBe(85);
});

test("notes of events are swept after 90 days, and not before", async () => {
  await count(["old", movies[0]], ["young", movies[0]]);
  await admin`UPDATE counted_events SET counted_at = now() - interval '91 days' WHERE id = 'old'`;
  await admin`UPDATE counted_events SET counted_at = now() - interval '89 days' WHERE id = 'young'`;
  await admin`UPDATE leases SET expires_at = '-infinity'`;
  const epoch = (await database.run((db) => lead(db, "test"))) ?? 0;
  await database.run((db) => sweepAsLeader(db, epoch, SWEEPS.counted_events));
  expect(await admin`SELECT id FROM counted_events`).toEqual([{ id: "young" }]);
});
