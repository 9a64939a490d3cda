import { beforeAll, describe, expect, it } from "vitest";
import { call, expectProblem, fieldsOf } from "./client.ts";
import { insertMovie, leavesNoTrace } from "./stores.ts";

const ORDER = { user_id: "3", number_of_items: "5", total_amount: "180" };
const MOVIE = { title: "Alien", description: "1979" };
let movieId = 0;

beforeAll(async () => {
  movieId = await insertMovie();
});
leavesNoTrace();

describe("an order's field", () => {
  const LONG = "9".repeat(30_000);
  const NO_COUNTS = [
    ...[0, -1, 1.5, 1e300, 2_147_483_648, "", " 3", "3 ", "0", "-5", "1.5", "1e3", "0x10", "٣", "3\0"],
    ...["2147483648", "99999999999999999999", LONG],
  ];
  const NO_AMOUNTS = [
    ...[-1, -0.01, 180.001, 0.001, 1e-7, 1e21, 10_000_000_000],
    ...["-1", "180.001", "180.000", "10000000000", "1e3", "1,50", "0180", ".5", "5.", "+5", "", " 1", "NaN"],
    ...["Infinity", "0x10", "١", "1\0", LONG],
  ];

  it.each([
    { field: "user_id", values: NO_COUNTS },
    { field: "number_of_items", values: NO_COUNTS },
    { field: "total_amount", values: NO_AMOUNTS },
  ])("$field refuses $values", async ({ field, values }) => {
    for (const value of values) {
      const answer = await call("POST", "/api/billing", { body: { ...ORDER, [field]: value } });
      expectProblem(answer, "invalid-request");
      expect(fieldsOf(answer), JSON.stringify(value)).toEqual([`/${field}`]);
      expect(answer.text.length).toBeLessThan(1_000);
    }
  });

  it.each(["1e309", "-1e309"])("refuses the number %s, which is beyond a double", async (number) => {
    for (const field of Object.keys(ORDER)) {
      const body = JSON.stringify({ ...ORDER, [field]: "?" }).replace('"?"', number);
      expectProblem(await call("POST", "/api/billing", { body }), "invalid-request");
    }
  });
});

it.each([
  { title: "", description: "" },
  { title: " \t", description: "" },
  { title: "x".repeat(501), description: "" },
  { title: 1917, description: "" },
  { title: "NUL \0", description: "" },
  { title: "NUL", description: "\0" },
  { title: "half a pair \ud83c", description: "" },
  { title: "half a pair", description: "\udfac" },
])("refuses the movie %j", async (body) => {
  expectProblem(await call("POST", "/api/movies", { body }), "invalid-request");
  expectProblem(await call("PUT", `/api/movies/${movieId}`, { body }), "invalid-request");
});

it.each(["null", "[]", "3", '"text"'])(
  "answers the body %s with the message that it must be an object",
  async (body) => {
    for (const path of ["/api/billing", "/api/movies"]) {
      const answer = await call("POST", path, { body });
      expectProblem(answer, "invalid-request");
      expect(answer.json).toMatchObject({ errors: [{ field: "", detail: "must be a JSON object" }] });
    }
  },
);

it.each([
  [`title=${"x".repeat(501)}`, "title", "must have at most 500 characters"],
  ["limit=1&limit=2", "limit", "is given more than once"],
  ["title=a&title=a", "title", "is given more than once"],
  ["limit=1001", "limit", "must be a whole number from 1 to 1000"],
])("names the error in the query %s", async (query, field, detail) => {
  const answer = await call("GET", `/api/movies?${query}`);
  expectProblem(answer, "invalid-request");
  expect(answer.json).toMatchObject({ errors: [{ field, detail }] });
});

it.each(['""', "a\tb", "é", '"a', '"a"b"', "k".repeat(256), `"${"k".repeat(256)}"`])(
  "refuses the Idempotency-Key %j",
  async (key) => {
    const headers = { "idempotency-key": key };
    for (const answer of [
      await call("POST", "/api/billing", { body: ORDER, headers }),
      await call("POST", "/api/movies", { body: MOVIE, headers }),
    ])
      expectProblem(answer, "invalid-request");
  },
);
