import postgres from "postgres";
import { afterAll, beforeEach, expect, inject, test } from "vitest";
import { openDatabase } from "../database.ts";
import { cursorAfter } from "./cursor.ts";
import { list, MovieQuery } from "./index.ts";

const admin = postgres(inject("adminUrl").replace(/postgres$/, "movies"), { max: 1, onnotice: () => {} });
const database = openDatabase({ url: inject("moviesUrl"), name: "test" });
const LARGE = "x".repeat(300 * 1024);

beforeEach(() => admin`TRUNCATE movies RESTART IDENTITY`);
afterAll(() => Promise.all([admin.end(), database.close()]));

const add = (count: number, times: string, description = "") =>
  admin.unsafe(`INSERT INTO movies (title, description, times_ordered)
    SELECT 'Film ' || n, '${description}', ${times} FROM generate_series(1, ${count}) AS n`);

/** The ids of all movies, page by page. */
async function walk(query: object): Promise<number[][]> {
  const pages: number[][] = [];
  let cursor: string | undefined;
  do {
    const parsed = MovieQuery.parse({ sort: "popular", ...query, ...(cursor && { cursor }) });
    const page = await database.run((db) => list(db, parsed));
    pages.push(page.movies.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  return pages;
}

test("the most often ordered come first, and of equals the newest; each stands on one page", async () => {
  await add(95, "n % 7");
  const expected = (await admin`SELECT id FROM movies ORDER BY times_ordered DESC, id DESC`).map(({ id }) =>
    Number(id),
  );
  const pages = await walk({ limit: "10" });
  expect(pages.map(({ length }) => length)).toEqual([...Array(9).fill(10), 5]);
  expect(pages.flat()).toEqual(expected);
});

test("a search sorts likewise", async () => {
  await add(30, "n % 3");
  const expected = await admin`
    SELECT id FROM movies WHERE title LIKE '%2%' ORDER BY times_ordered DESC, id DESC`;
  expect((await walk({ title: "2", limit: "4" })).flat()).toEqual(expected.map(({ id }) => Number(id)));
});

test("a page of large movies ends early, and the next one goes on after it", async () => {
  await add(7, "n % 2", LARGE);
  const pages = await walk({});
  expect(pages.map(({ length }) => length)).toEqual([2, 2, 2, 1]);
  expect(pages.flat()).toEqual([7, 5, 3, 1, 6, 4, 2]);
});

test("a page among 20,000 movies is read from the index", async () => {
  await add(20_000, "n % 500");
  await admin`ANALYZE movies`;
  const [plan] = await admin`
    EXPLAIN (FORMAT JSON) SELECT id FROM movies WHERE (times_ordered, id) < (250, 9000)
    ORDER BY times_ordered DESC, id DESC LIMIT 21`;
  expect(JSON.stringify(plan)).toContain("movies_by_popularity");
  expect(JSON.stringify(plan)).not.toMatch(/Seq Scan|"Sort"/);
});

test("a cursor of another sort is refused", async () => {
  await add(3, "n");
  for (const [one, other] of [
    ["popular", "newest"],
    ["newest", "popular"],
  ] as const) {
    const { next } = await database.run((db) => list(db, { sort: one, limit: 1 }));
    expect(MovieQuery.safeParse({ sort: one, cursor: next }).success).toBe(true);
    expect(MovieQuery.safeParse({ sort: other, cursor: next }).error?.issues[0]).toMatchObject({
      path: ["cursor"],
      message: "belongs to another sort",
    });
  }
});

test.each([[[2 ** 31, 1]], [[9_999_999_999, 1]], [[7]]])(
  "a cursor of %j cannot follow a page, and is refused",
  (place) => {
    expect(MovieQuery.safeParse({ sort: "popular", cursor: cursorAfter(place) }).success).toBe(false);
  },
);
