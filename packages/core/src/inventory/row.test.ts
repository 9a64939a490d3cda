import { expect, test } from "vitest";
import { Movie, MovieBody } from "./movie.ts";
import { movieColumns, movieOf, rowOf } from "./row.ts";

const body = { title: "Playtime", description: "Comedy, 1967." };

test("every field of a movie has a column, and every field of a body is one of a movie", () => {
  for (const field of Object.keys(Movie.shape)) expect(movieColumns).toHaveProperty(field, expect.anything());
  expect(Object.keys(Movie.shape)).toEqual(expect.arrayContaining(Object.keys(MovieBody.shape)));
});

test("a row sets every field of a body: null where the body lacks it, and only fields", () => {
  const { title } = body;
  expect(rowOf({ title, other: 1 } as never)).toEqual({
    ...Object.fromEntries(Object.keys(MovieBody.shape).map((field) => [field, null])),
    title,
  });
});

test("a movie lacks each field that is null in its row", () => {
  expect(movieOf({ id: 7, ...body })).toEqual({ id: 7, ...body });
  expect(Object.keys(movieOf({ id: 7, ...body, description: null } as never))).toEqual(["id", "title"]);
});
