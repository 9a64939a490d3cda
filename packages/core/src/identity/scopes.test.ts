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

test("only the group admin may have movies.admin, alone or among others", () => {
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
])("the groups %j get everything else", (groups) => expect(withheldScopes(groups)).toEqual(["movies.admin"]));
