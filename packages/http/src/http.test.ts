import { DomainError } from "@cloud-design/core/errors";
import { createLog } from "@cloud-design/core/log";
import { Hono } from "hono";
import { expect, test } from "vitest";
import * as z from "zod";
import {
  authenticate,
  type CallerVariables,
  type HttpProblem,
  notFound,
  onProblem,
  parse,
  parseQuery,
  readJson,
  requireScope,
} from "./index.ts";

const BYTES_MAX = 64;
const Body = z.strictObject({ name: z.string() });
const app = new Hono()
  .post("/", async (c) => c.json(parse(Body, await readJson(c, BYTES_MAX))))
  .get("/list", (c) => c.json(parseQuery(c, z.strictObject({ limit: z.string().optional() }))))
  .get("/down", () => {
    throw new DomainError("unavailable", "The database does not answer.");
  })
  .get("/busy", () => {
    throw new DomainError("busy", "Too many requests wait already.");
  })
  .get("/bug", () => {
    throw new TypeError("secret is not a function");
  });
app.notFound(notFound("https://docs.example"));
app.onError(onProblem("https://docs.example", createLog("test")));

const post = (
  body: RequestInit["body"],
  headers: Record<string, string> = { "content-type": "application/json" },
) => app.request("/", { method: "POST", body, headers });
const sized = (bytes: number) => JSON.stringify({ name: "n".repeat(bytes - '{"name":""}'.length) });

function inPieces(text: string): RequestInit {
  const body = new ReadableStream({
    start(controller) {
      for (const piece of text) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
  return {
    method: "POST",
    body,
    duplex: "half",
    headers: { "content-type": "application/json" },
  } as RequestInit;
}

test("gives a browser at the API's root the address of the site, and a program only the 404", async () => {
  const get = async (path: string, accept: string) => {
    const answer = await app.request(path, { headers: { accept } });
    return { status: answer.status, ...((await answer.json()) as object) };
  };
  const browser = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";
  expect(await get("/", browser)).toMatchObject({
    status: 404,
    detail:
      "This is the API alone. https://docs.example has the site with its documentation, https://docs.example/reference the API reference.",
  });
  const nothing = { status: 404, detail: "There is nothing at this path." };
  expect(await get("/", "*/*")).toMatchObject(nothing);
  expect(await get("/other", browser)).toMatchObject(nothing);
});

test.each([
  "application/json",
  "Application/JSON; charset=UTF-8",
  'application/json;charset="utf-8"',
  "application/vnd.movies+json",
])("accepts the type %s as JSON", async (type) =>
  expect((await post('{"name":"n"}', { "content-type": type })).status).toBe(200),
);

test.each([
  "",
  "text/plain",
  "application/x-www-form-urlencoded",
  "application/json; charset=latin1",
  "application/jsonp",
  "text/json/application/json",
])("refuses the type %j with 415", async (type) =>
  expect((await post('{"name":"n"}', { "content-type": type })).status).toBe(415),
);

const detailOf = async (response: Response) => ((await response.json()) as { detail: string }).detail;
const JSON_TYPE = { "content-type": "application/json" };

test.each<[string, Record<string, string>, string]>([
  ["no type", { "content-type": "" }, "Content-Type is missing"],
  ["another type", { "content-type": "text/plain" }, "Content-Type was text/plain"],
  [
    "another charset",
    { "content-type": "application/json; Charset=Latin1" },
    "Content-Type was application/json; Charset=Latin1",
  ],
  ["a compressed body", { ...JSON_TYPE, "content-encoding": "gzip" }, "Content-Encoding was gzip"],
  ["a type outside ASCII", { "content-type": "text/\u00e9\u001b[2J" }, "Content-Type was text/??[2J"],
  ["a long type", { "content-type": "a".repeat(5_000) }, `Content-Type was ${"a".repeat(100)}...`],
  ["a long encoding", { ...JSON_TYPE, "content-encoding": "b".repeat(101) }, `was ${"b".repeat(100)}...`],
])("refuses %s and repeats the header in the problem", async (_, headers, named) => {
  const response = await post('{"name":"n"}', headers);
  expect(response.status).toBe(415);
  const detail = await detailOf(response);
  expect(detail).toContain(`${named}. Send the body`);
  expect(detail).toMatch(/^The header Content-(Type|Encoding) [ -~]{1,200}$/);
});

test.each([
  ['{"name":', "line 1, column 9, where it ends"],
  ['{\n  "name": "secret"\n  "other": 1\n}', "line 3, column 3"],
  ['{"name": "\u{1f3ac}", }', "line 1, column 15"],
  // V8 itself gives no position here, or the one that appears in the body.
  ["{'at position 7 (line 8 column 9)': 1}", "line 1, column 2"],
  ["at position 7 (line 8 column 9)", "line 1, column 1"],
])("gives the position of the flaw in %j without repeating the body", async (body, place) => {
  const response = await post(body);
  expect([response.status, await detailOf(response)]).toEqual([
    400,
    `The body is not valid JSON: see ${place}.`,
  ]);
});

test("accepts a body of exactly the limit and refuses one byte more, announced or in chunks", async () => {
  expect((await post(sized(BYTES_MAX))).status).toBe(200);
  expect((await post(sized(BYTES_MAX + 1))).status).toBe(413);
  expect((await app.request("/", inPieces(sized(BYTES_MAX)))).status).toBe(200);
  expect((await app.request("/", inPieces(sized(BYTES_MAX + 1)))).status).toBe(413);
});

test.each([
  ["an empty body", ""],
  ["a truncated body", '{"name":'],
  ["two bodies", '{"name":"a"}{"name":"b"}'],
  ["a NaN", '{"name":NaN}'],
  ["invalid UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
])("%s is refused as malformed JSON", async (_, body) => {
  const response = await post(body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ type: "https://docs.example/problems/malformed-json" });
});

test("names each wrong field by its JSON Pointer and does not repeat its value", async () => {
  const response = await post(JSON.stringify({ nam: "secret", "a/b": 1 }));
  expect(await response.json()).toMatchObject({
    status: 400,
    errors: expect.arrayContaining([
      { field: "/name", detail: "is missing" },
      { field: "/nam", detail: "is not a known field" },
      { field: "/a~1b", detail: "is not a known field" },
    ]),
  });
});

test("an absent field of a union is called missing, one of a wrong type is not", () => {
  const Either = z.strictObject({ count: z.union([z.number(), z.string()], { error: "must be a number" }) });
  const errorsOf = (value: unknown) => {
    try {
      return parse(Either, value);
    } catch (error) {
      return (error as HttpProblem).options.errors;
    }
  };
  expect(errorsOf({})).toEqual([{ field: "/count", detail: "is missing" }]);
  expect(errorsOf({ count: null })).toEqual([{ field: "/count", detail: "must be a number" }]);
});

test.each([5, null, ["n"], {}])(
  "a field of a wrong type, such as %j, is not called missing",
  async (name) => {
    const response = await post(JSON.stringify({ name }));
    const { errors } = (await response.json()) as { errors: { field: string; detail: string }[] };
    expect(errors).toEqual([{ field: "/name", detail: expect.not.stringContaining("missing") }]);
  },
);

test("a repeated query parameter is refused by name, known or unknown", async () => {
  expect(await (await app.request("/list?limit=1")).json()).toEqual({ limit: "1" });
  for (const name of ["limit", "other"]) {
    const response = await app.request(`/list?${name}=1&${name}=1`);
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ errors: [{ field: name, detail: "is given more than once" }] }),
    ]);
  }
});

test("a dependency's failure gives 503 with Retry-After, a bug gives 500 without details", async () => {
  const down = await app.request("/down");
  expect([down.status, down.headers.get("retry-after")]).toEqual([503, expect.stringMatching(/^[2-4]$/)]);
  const bug = await app.request("/bug");
  expect(bug.status).toBe(500);
  expect(await bug.text()).not.toContain("secret");
});

test.each([
  ["no header", undefined, 401],
  ["another scheme", "Basic abc", 401],
  ["no token", "Bearer ", 401],
  ["two tokens", "Bearer good, Bearer good", 401],
  ["no scheme", "good", 401],
  ["a tab after the scheme", "Bearer\tgood", 401],
  ["the scheme twice", "Bearer Bearer good", 401],
  ["a token in quotes", 'Bearer "good"', 401],
  ["an invalid token", "Bearer bad", 401],
  ["an expired token", "Bearer over", 401],
  ["a token without the scope", "Bearer reader", 403],
  ["a valid token", "Bearer good", 200],
  ["a scheme in lower case", "bearer good", 200],
  ["two spaces after the scheme", "Bearer  good", 200],
])("answers %s with its status", async (_, authorization, status) => {
  const scopes = { good: ["movies.write"], reader: ["movies.read"] } as const;
  const guarded = new Hono<CallerVariables>().get(
    "/",
    authenticate({
      verify: async (token) => {
        if (token === "over") return "expired";
        return token in scopes
          ? { id: "ann", scopes: new Set(scopes[token as keyof typeof scopes]) }
          : undefined;
      },
    }),
    requireScope("movies.write"),
    (c) => c.text(c.var.caller.id),
  );
  guarded.onError(onProblem("https://docs.example", createLog("test")));
  const response = await guarded.request("/", { headers: authorization ? { authorization } : {} });
  expect(response.status).toBe(status);
  if (status === 401) expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
  const isOver = authorization === "Bearer over";
  expect(/expired/.test(response.headers.get("www-authenticate") ?? "")).toBe(isOver);
  expect(/expired/.test(await response.text())).toBe(isOver);
});

test("answers work that was shed with 503, a Retry-After that varies, and a sign for the gateway", async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => app.request("/busy")));
  expect(await answers[0]?.json()).toMatchObject({
    type: "https://docs.example/problems/unavailable",
    status: 503,
    detail: "Too many requests wait already.",
  });
  for (const { headers } of answers) expect(headers.get("x-overloaded")).toBe("true");
  const waits = new Set(answers.map(({ headers }) => headers.get("retry-after")));
  expect([...waits].every((wait) => /^[2-4]$/.test(wait ?? ""))).toBe(true);
  expect(waits.size).toBeGreaterThan(1);
  expect((await app.request("/down")).headers.has("x-overloaded")).toBe(false);
});
