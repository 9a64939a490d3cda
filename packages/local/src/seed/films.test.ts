import { expect, test } from "vitest";
import { films } from "./films.ts";

test("the demo films fit on one page of a list, one row each", async () => {
  const movies = await films({ all: false });
  expect(movies).toHaveLength(800);
  expect(new Set(movies.map(({ title }) => title.toLowerCase())).size).toBe(800);
  expect(movies.at(-1)).toEqual({
    title: "The Shawshank Redemption",
    description: "Drama, 1994. Directed by Frank Darabont. Distributed by Sony Pictures.",
  });
});

test("a demo film has a genre, a year that is not in the future, a director and a distributor, in plain ASCII", async () => {
  for (const { title, description } of await films({ all: false })) {
    expect(title).toMatch(/^\S+( \S+)*$/);
    const [, year] =
      /^[A-Z][\w /]+, (\d{4})\. Directed by [^.].*[^.]\. Distributed by [^.].*[^.]\.$/.exec(description) ??
      [];
    expect(Number(year), description).toBeLessThanOrEqual(2025);
    expect(`${title} ${description}`).toMatch(/^[ -~]+$/);
  }
});

test("all rows of the data are available on request", async () => {
  expect(await films({ all: true })).toHaveLength(3_201);
});
