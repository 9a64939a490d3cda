import { expect, test } from "vitest";
import { scopesOf } from "./scopes.ts";

test("reads scopes with and without the resource server before them", () => {
  expect([...scopesOf("movies.read cloud-design/orders.write openid")]).toEqual([
    "movies.read",
    "orders.write",
  ]);
});

test.each([
  "",
  undefined,
  "movies",
  "movies.reader",
  "xmovies.read",
  "other/movies.read",
  "cloud-design/cloud-design/movies.read",
  "MOVIES.READ",
])("%j grants nothing", (claim) => expect(scopesOf(claim).size).toBe(0));
