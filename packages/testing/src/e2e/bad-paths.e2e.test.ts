import { ROUTES } from "@cloud-design/functions/gateway/routes";
import { beforeAll, describe, expect, it } from "vitest";
import { call, expectProblem } from "./client.ts";
import { rawHttp } from "./raw-http.ts";
import { leavesNoTrace, moviesDatabase } from "./stores.ts";
import { tokens } from "./tokens.ts";

// With the ids that the paths below come close to.
beforeAll(async () => {
  await moviesDatabase`
    INSERT INTO movies (id, title, description) OVERRIDING SYSTEM VALUE VALUES (1, 'Target', ''), (2, 'Target', '')
    ON CONFLICT DO NOTHING`;
});
leavesNoTrace();

/** As an administrator, who may delete every movie: a misread path then has its worst effect. */
function send(method: string, path: string) {
  const body = method === "PUT" ? { title: "Hit", description: "" } : undefined;
  return call(method, path, { as: "admin", body });
}

describe("a movie id", () => {
  const NO_IDS = [
    ...["0", "-1", "+1", "1.0", "1e3", "0x1", "01", "abc", "null", "9007199254740993", "9".repeat(30)],
    ...["%00", "1%00", "%09", "%0A", "%20", "%201", "%C3%A9", "%F0%9F%8E%AC", "%D9%A1", "1;a=b", "1,2", "*"],
    ...[
      "%2531",
      "%252e%252e",
      "1%2F2",
      "1%23",
      "..%2Fmovies",
      "..%2F..%2Fapi%2Fmovies",
      "%2F",
      "%5C",
      "x%5C..%5C1",
    ],
  ];

  it.each(NO_IDS)("%s is not found", async (id) => {
    for (const method of ["GET", "PUT", "DELETE"])
      expectProblem(await send(method, `/api/movies/${id}`), "not-found");
  });

  it.each(["%", "%z", "%zz", "%ff", "%C3", "%C0%AF", "%ED%A0%80"])(
    "with the encoding %s is refused",
    async (id) => {
      for (const method of ["GET", "PUT", "DELETE"])
        expectProblem(await send(method, `/api/movies/${id}`), "invalid-request");
    },
  );

  it.each(["..", ".", "%2e", "%2e%2e", ".%2e", "%2E%2E/movies"])(
    "%s does not reach another path",
    async (id) => {
      // Straight to the socket: a client would normalize the path before it sends it.
      const authorization = `Authorization: Bearer ${tokens.admin}`;
      for (const method of ["GET", "DELETE"])
        expectProblem(await rawHttp(`${method} /api/movies/${id} HTTP/1.1`, [authorization]), "not-found");
    },
  );
});

it.each([
  ...["1", "ord_", `ord_${"A".repeat(40)}`, `ord_${"A".repeat(400)}`, "%00", "ord_%00", "..%2F..%2Fmovies"],
  ...["..%5C..%5Cmovies", "..%2F..%2F..%2Fhealth%2Flive", "%2531"],
])("the id %s names no order and no import", async (id) => {
  expectProblem(await send("GET", `/api/imports/${id}`), "not-found");
  expectProblem(await send("GET", `/api/billing/orders/${id}`), "not-found");
});

describe("the query of GET /api/movies", () => {
  it.each([
    ...["limit=", "limit=0", "limit=-1", "limit=1001", "limit=1.5", "limit=1e2", "limit=abc", "limit=%31%00"],
    ...["cursor=", "cursor=abc", "cursor=%00", "cursor=MQ", "cursor=AAAAAAAAAAAAAA"],
    ...["title=%00", "title=a%00b", `title=${"x".repeat(501)}`, "titel=Alien", "offset=3", "__proto__=1"],
    ...["title=%", "title=%zz", "title=%ff", "title=%ED%A0%80", "%zz=1", "limit=1&title=%C3"],
  ])("%s is refused", async (query) => {
    expectProblem(await send("GET", `/api/movies?${query}`), "invalid-request");
  });

  it("with a cursor that was altered anywhere is refused", async () => {
    const link = (await send("GET", "/api/movies?limit=1")).headers.get("link") ?? "";
    const [, cursor = ""] = /cursor=([\w-]+)/.exec(link) ?? [];
    expect((await send("GET", `/api/movies?cursor=${cursor}`)).status).toBe(200);
    const altered = [...cursor].map((character, index) => {
      const other = character === "A" ? "B" : "A";
      return cursor.slice(0, index) + other + cursor.slice(index + 1);
    });
    for (const wrong of [...altered, `${cursor}A`, `${cursor}%3D`, cursor.slice(0, -1), ` ${cursor}`])
      expectProblem(await send("GET", `/api/movies?cursor=${wrong}`), "invalid-request");
  });
});

it.each([
  ...["/api", "/api/", "/api/movie", "/api/moviesx", "/API/movies", "/api/movies/1/2", "/api//movies"],
  ...[
    "//api/movies",
    "/api/movies//",
    "/api/billing/orders",
    "/api/billing/1",
    "/health",
    "/health/components",
  ],
  ...["/api%2Fmovies", "/health%2Flive", "/.env", "/api/billing/orders/1/2"],
])("%s is not found", async (path) => {
  for (const method of ["GET", "DELETE"]) expectProblem(await send(method, path), "not-found");
});

describe.each(Object.entries(ROUTES))("%s", (path, methods) => {
  const allowed = Object.keys(methods).concat("GET" in methods ? ["HEAD"] : []);
  const others = ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((method) => !allowed.includes(method));

  it.each(others)("refuses %s and names the allowed methods", async (method) => {
    for (const spelling of [path, `${path}/`]) {
      const answer = await send(method, spelling.replace("{id}", "1"));
      expectProblem(answer, "method-not-allowed");
      expect(answer.headers.get("allow")?.split(", ").sort()).toEqual(allowed.toSorted());
    }
  });

  it("answers OPTIONS with the allowed methods, without a token", async () => {
    for (const spelling of [path, `${path}/`]) {
      const answer = await call("OPTIONS", spelling.replace("{id}", "1"), { as: null });
      expect([answer.status, answer.text]).toEqual([204, ""]);
      expect(answer.headers.get("allow")?.split(", ").sort()).toEqual(allowed.toSorted());
    }
  });
});
