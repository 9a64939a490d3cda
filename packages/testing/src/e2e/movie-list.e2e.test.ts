import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Answer, call, idOf, titlesIn } from "./client.ts";
import { moviesDatabase } from "./stores.ts";

async function create(title: string): Promise<string> {
  return idOf(await call("POST", "/api/movies", { body: { title, description: "" } }));
}

async function titles(query: string): Promise<string[]> {
  return titlesIn(await call("GET", `/api/movies?${query}`));
}

/** The next page's address: relative to the request, because no part behind the edge knows the name that the client called. */
function nextOf({ headers }: Answer): string | undefined {
  const link = headers.get("link");
  if (link === null) return undefined;
  const [, target] = /^<(\/api\/movies\?[^>]+)>; rel="next"$/.exec(link) ?? [];
  expect(target, link).toBeDefined();
  return target;
}

async function pagesFrom(path: string, betweenPages = async () => {}): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const answer = await call("GET", next);
    pages.push(titlesIn(answer));
    next = nextOf(answer);
    await betweenPages();
  }
  return pages;
}

describe("the list of movies", () => {
  it("leads through every movie once, by the Link header alone", async () => {
    const mark = randomUUID();
    const all = Array.from({ length: 7 }, (_, index) => `${mark} & ${index}`);
    for (const title of all.toReversed()) await create(title);
    const query = new URLSearchParams({ title: `${mark} & `, limit: "3" });
    const pages = await pagesFrom(`/api/movies?${query}`);
    expect(pages).toEqual([all.slice(0, 3), all.slice(3, 6), all.slice(6)]);
  });

  it("ends without a Link when the last page is full", async () => {
    const mark = randomUUID();
    for (const index of [1, 2, 3, 4]) await create(`${mark} ${index}`);
    expect(await pagesFrom(`/api/movies?title=${mark}&limit=2`)).toHaveLength(2);
  });

  it("neither skips nor repeats a movie when the one before it is deleted between two pages", async () => {
    const mark = randomUUID();
    const ids: string[] = [];
    for (const index of [3, 2, 1, 0]) ids.unshift(await create(`${mark} ${index}`));
    const remove = async () => void (await call("DELETE", `/api/movies/${ids.shift()}`));
    const pages = await pagesFrom(`/api/movies?title=${mark}&limit=2`, remove);
    expect(pages.flat()).toEqual([0, 1, 2, 3].map((index) => `${mark} ${index}`));
  });

  it("begins with the newest of any number of movies", async () => {
    const mark = randomUUID();
    await moviesDatabase`
      INSERT INTO movies (title, description) SELECT ${`${mark} `} || n, '' FROM generate_series(1, 1001) n`;
    await create(`${mark} newest`);
    expect(titlesIn(await call("GET", "/api/movies")).at(0)).toBe(`${mark} newest`);
  });

  it("neither skips nor repeats a movie when others are created between two pages", async () => {
    const mark = randomUUID();
    for (const index of [3, 2, 1, 0]) await create(`${mark} ${index}`);
    const add = async () => void (await create(`${mark} later`));
    const pages = await pagesFrom(`/api/movies?title=${mark}&limit=2`, add);
    expect(pages.flat()).toEqual([0, 1, 2, 3].map((index) => `${mark} ${index}`));
  });

  it("holds at most 1,000 movies when no limit is given, and leads to the rest", async () => {
    const mark = randomUUID();
    await moviesDatabase`
      INSERT INTO movies (title, description) SELECT ${`${mark} `} || n, '' FROM generate_series(1, 1001) n`;
    const pages = await pagesFrom(`/api/movies?title=${mark}`);
    expect(pages.map((page) => page.length)).toEqual([1_000, 1]);
  });

  it("holds as many large movies as fit into an answer of Lambda, and leads to the rest", async () => {
    const mark = randomUUID();
    // The largest kind of movie: each of these characters takes seven bytes in an answer.
    await moviesDatabase`
      INSERT INTO movies (title, description) SELECT ${mark}, repeat(${"\u0001"}, 250000) FROM generate_series(1, 7)`;
    const pages = await pagesFrom(`/api/movies?title=${mark}`);
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    const { text } = await call("GET", `/api/movies?title=${mark}`);
    expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThan(6_000_000);
    await moviesDatabase`DELETE FROM movies WHERE title = ${mark}`;
  });

  it("holds a single movie that is larger than that", async () => {
    const mark = randomUUID();
    await moviesDatabase`
      INSERT INTO movies (title, description) SELECT ${mark}, repeat('x', 800000) FROM generate_series(1, 2)`;
    expect(await pagesFrom(`/api/movies?title=${mark}`)).toEqual([[mark], [mark]]);
    await moviesDatabase`DELETE FROM movies WHERE title = ${mark}`;
  });

  it("finds a part of a title in any case, beyond ASCII too", async () => {
    const mark = randomUUID();
    await create(`${mark} Le fabuleux destin d'AMÉLIE Poulain`);
    await create(`${mark} Léon`);
    expect(await titles(`title=${encodeURIComponent(`${mark.toUpperCase()} LE FAB`)}`)).toHaveLength(1);
    expect(await titles(`title=${encodeURIComponent("d'amélie POULAIN")}`)).toContain(
      `${mark} Le fabuleux destin d'AMÉLIE Poulain`,
    );
    expect(await titles(`title=${mark}+nobody`)).toEqual([]);
  });

  it.each(["%", "_", "\\", "%%", "_%"])("takes %j in a title literally", async (sign) => {
    const mark = randomUUID();
    await create(`${mark} plain`);
    await create(`${mark} ${sign} sign`);
    const query = new URLSearchParams({ title: `${mark} ${sign}` });
    expect(await titles(String(query))).toEqual([`${mark} ${sign} sign`]);
  });
});
