import { expect, test } from "vitest";
import { scopesOf, withheldScopes } from "./scopes.ts";

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

test("movies.admin is withheld from all but the group admin, alone or with other groups", () => {
  expect(withheldScopes(["admin"])).toEqual([]);
  expect(withheldScopes(["premium", "admin"])).toEqual([]);
});

test.each([
  [[]],
  [["premium"]],
  [["administrators"]],
  [["Admin"]],
  [["admin "]],
  [["movies.admin", "admin,premium"]],
])("the groups %j get every scope but movies.admin", (groups) =>
  expect(withheldScopes(groups)).toEqual(["movies.admin"]),
);
