import { Hono } from "hono";
import { handle, type LambdaEvent } from "hono/aws-lambda";
import { describe, expect, test } from "vitest";
import { asRequest } from "./event.ts";

const app = new Hono({ strict: false })
  .all("/api/movies", (c) => c.text("all movies"))
  .all("/api/movies/:id", (c) => c.text(`movie ${JSON.stringify(c.req.param("id"))}`));
const handler = handle(app);

/** An event of API Gateway, with its path decoded. */
function eventOf(
  rawPath: string,
  method = "DELETE",
  body: string | null = null,
  routeKey = "$default",
): LambdaEvent {
  const event = {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString: "",
    headers: {},
    body,
    isBase64Encoded: false,
    requestContext: { domainName: "api.example", http: { method, path: rawPath } },
  };
  return event as unknown as LambdaEvent;
}

describe("the path of an event", () => {
  test.each(["\t", "\n", "\0", " ", "1\t", "x\\..\\1", "1#", "1?", "%31", "%2e%2e", "é", "1;a"])(
    "keeps the id %j unchanged",
    async (id) => {
      const answer = await handler(asRequest(eventOf(`/api/movies/${id}`)));
      expect(answer.body).toBe(`movie ${JSON.stringify(id)}`);
    },
  );

  test.each([".", ".."])("treats %j as a movie's id, not as another path", async (id) => {
    const answer = await handler(asRequest(eventOf(`/api/movies/${id}`)));
    expect(answer.body).toMatch(/^movie/);
  });

  test("is restored when API Gateway has dropped an id that begins with a question mark", async () => {
    const event = eventOf("/api/movies/", "DELETE", null, "DELETE /api/movies/{id}");
    expect((await handler(asRequest(event))).body).toBe('movie "?"');
  });

  test.each(["/api/movies/../movies", "/api/orders/../movies", "/api//movies", "/api/movies/1/2"])(
    "gives 404 for %j",
    async (path) => {
      expect((await handler(asRequest(eventOf(path)))).statusCode).toBe(404);
    },
  );
});

test.each(["GET", "HEAD"])("the body of a %s is ignored", async (method) => {
  expect((await handler(asRequest(eventOf("/api/movies", method, "{}")))).statusCode).toBe(200);
});

test.each(["TRACE", "CONNECT"])("the method %s is answered like any unknown method", async (method) => {
  const methods = handle(
    new Hono()
      .on(["GET", "POST", "PUT", "DELETE", "OPTIONS"], "/", (c) => c.text("known"))
      .all("/", (c) => c.text("unknown", 405)),
  );
  const patch = await methods(asRequest(eventOf("/", "PATCH")));
  expect(patch.statusCode).toBe(405);
  expect(await methods(asRequest(eventOf("/", method)))).toEqual(patch);
});

test("the body of a POST is passed on", async () => {
  const echo = handle(new Hono().post("/api/movies", async (c) => c.text(await c.req.text())));
  expect((await echo(asRequest(eventOf("/api/movies", "POST", "{}")))).body).toBe("{}");
});

test.each(["", "é", "clé"])("the idempotency key %j is refused, not dropped or changed", async (key) => {
  const keys = new Hono().post("/", (c) => c.text(c.req.header("idempotency-key") ?? "lost"));
  const event = { ...eventOf("/", "POST"), headers: { "idempotency-key": key } } as LambdaEvent;
  expect((await handle(keys)(asRequest(event))).body).toBe('""');
});
