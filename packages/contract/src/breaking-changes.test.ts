import { expect, test } from "vitest";
import { type AsyncApiDocument, asyncApi } from "./asyncapi.ts";
import { breakingChanges, brokenMessages } from "./breaking-changes.ts";
import type { OpenApiDocument, OperationObject, Schema } from "./document.ts";
import { openApi } from "./openapi.ts";

const before = openApi("1.0.0");

type Edit = (document: OpenApiDocument) => unknown;

function after(edit: Edit): OpenApiDocument {
  const document = structuredClone(before);
  edit(document);
  return document;
}

function operation(
  document: OpenApiDocument,
  method: "get" | "post" | "put" | "delete",
  path: string,
): OperationObject {
  const found = document.paths[path]?.[method];
  if (!found) throw new Error(`${method} ${path} is not in the document`);
  return found;
}

const listMovies = (document: OpenApiDocument) => operation(document, "get", "/api/movies");
const createMovie = (document: OpenApiDocument) => operation(document, "post", "/api/movies");
const placeOrder = (document: OpenApiDocument) => operation(document, "post", "/api/billing");
const parameter = (of: OperationObject, name: string) => of.parameters?.find((one) => one.name === name);

/** The document, for an edit like a change of the code. */
function schema(document: OpenApiDocument, ...steps: string[]): Record<string, never> {
  return steps.reduce<object>((at, step) => Reflect.get(at, step), document.components.schemas) as Record<
    string,
    never
  >;
}
const set = (target: object | undefined, change: object) => Object.assign(target ?? {}, change);

const BREAKING: [string, Edit, RegExp][] = [
  ["a path is gone", (it) => delete it.paths["/api/status"], /GET \/api\/status: gone/],
  ["a method is gone", (it) => delete it.paths["/api/movies/{id}"]?.put, /PUT \/api\/movies\/\{id\}: gone/],
  ["an answer is gone", (it) => delete placeOrder(it).responses[202], /no longer answers 202/],
  [
    "a problem comes as another media type",
    (it) => delete it.components.responses.NotFound?.content?.["application/problem+json"],
    /no longer answers 404 as application\/problem\+json/,
  ],
  [
    "a body must be of another media type",
    (it) => set(createMovie(it).requestBody, { content: {} }),
    /POST \/api\/movies: no longer takes application\/json/,
  ],
  [
    "there is a new parameter that is required",
    (it) => listMovies(it).parameters?.push({ name: "genre", in: "query", required: true, schema: {} }),
    /needs the query parameter genre/,
  ],
  [
    "a parameter becomes required",
    (it) => set(parameter(placeOrder(it), "Idempotency-Key"), { required: true }),
    /needs the header parameter Idempotency-Key/,
  ],
  [
    "a parameter is gone",
    (it) => set(listMovies(it), { parameters: listMovies(it).parameters?.slice(1) }),
    /no longer knows the query parameter title/,
  ],
  [
    "there is a new field that is required",
    (it) => {
      set(schema(it, "MovieBody", "properties"), { later: { type: "integer" } });
      set(schema(it, "MovieBody"), { required: ["title", "description", "later"] });
    },
    /no longer takes, in the body .*, an object without later/,
  ],
  [
    "a field of a request is gone",
    (it) => {
      delete schema(it, "MovieBody", "properties").description;
      set(schema(it, "MovieBody"), { required: ["title"] });
    },
    /no longer takes, in the body .*, the field description/,
  ],
  [
    "a field takes fewer types",
    (it) =>
      set(schema(it, "OrderBody", "properties", "user_id"), { anyOf: [{ type: "integer", minimum: 1 }] }),
    /at \/user_id, one of its alternatives/,
  ],
  [
    "a field of a request takes only certain values",
    (it) => set(schema(it, "MovieBody", "properties", "title"), { enum: ["Playtime"] }),
    /at \/title, values other than "Playtime"/,
  ],
  [
    "a bound of a request is tighter",
    (it) => set(schema(it, "MovieBody", "properties", "title"), { maxLength: 100 }),
    /at \/title, values beyond its maxLength of 100/,
  ],
  [
    "a bound of a parameter is tighter",
    (it) => set(parameter(listMovies(it), "limit")?.schema, { maximum: 100 }),
    /in the query parameter limit, values beyond its maximum of 100/,
  ],
  [
    "a field of a request has another pattern",
    (it) => set(schema(it, "MovieBody", "properties", "description"), { pattern: "^[A-Z]" }),
    /at \/description, values that do not fit the pattern/,
  ],
  [
    "a request that was open is closed to unknown fields",
    (it) => set(schema(it, "MovieBody"), { additionalProperties: false }),
    /no longer takes, in the body .*, unknown fields/,
  ],
  [
    "a field of an answer is gone",
    (it) => {
      delete schema(it, "Movie", "properties").description;
      set(schema(it, "Movie"), { required: ["id", "title"] });
    },
    /may now answer, in 200 .*, an object without description/,
  ],
  [
    "an optional field of an answer is gone",
    (it) => delete schema(it, "Problem", "properties").errors,
    /may now answer, in 400 .*, an object that never has errors/,
  ],
  [
    "a field of an answer becomes optional",
    (it) => set(schema(it, "OrderRejected"), { required: ["id", "status", "rejected_at"] }),
    /may now answer, in 200/,
  ],
  [
    "a field of an answer has another type",
    (it) => set(schema(it, "Movie", "properties", "id"), { type: ["integer", "string"] }),
    /at \/id, the type string/,
  ],
  [
    "a field of an answer, deep in a list, may be null",
    (it) =>
      set(schema(it, "PlatformStatus", "properties", "components", "items", "properties", "latency_ms"), {
        type: ["integer", "null"],
      }),
    /at \/components\/0\/latency_ms, the type null/,
  ],
  [
    "a field of an answer may have a new value",
    (it) =>
      set(schema(it, "PlatformStatus", "properties", "status"), { enum: ["up", "degraded", "down", "?"] }),
    /at \/status, the value "\?"/,
  ],
  [
    "an answer has a new alternative",
    (it) => {
      const alternatives: Schema[] = schema(it, "OrderOutcome").oneOf ?? [];
      alternatives.push({ type: "object", properties: { status: { const: "lost" } } });
    },
    /one of its alternatives/,
  ],
  [
    "a refusal has a new reason",
    (it) => {
      const [problem] = Object.values(it.components.responses.InvalidRequest?.content ?? {});
      const { properties } = Object(problem?.schema).allOf[1];
      properties.type = { anyOf: [properties.type, { type: "string", pattern: "/problems/bored$" }] };
    },
    /in 400 .* at \/type, values that do not fit the pattern/,
  ],
  [
    "an answer may lack a header",
    (it) => set(Object(createMovie(it).responses[200]).headers.Location, { required: false }),
    /may answer 200 without Location/,
  ],
  [
    "an answer loses an optional header",
    (it) => Reflect.deleteProperty(Object(listMovies(it).responses[200]).headers, "Link"),
    /may answer 200 without Link/,
  ],
  [
    "a route asks for another scope",
    (it) =>
      set(listMovies(it), {
        security: [{ oauth2: ["cloud-design/movies.read", "cloud-design/movies.admin"] }],
      }),
    /GET \/api\/movies: asks for the scope cloud-design\/movies\.admin/,
  ],
  [
    "a public route asks for a token",
    (it) =>
      set(operation(it, "get", "/api/status"), { security: [{ oauth2: ["cloud-design/movies.read"] }] }),
    /GET \/api\/status: asks for the scope/,
  ],
];

test.each(BREAKING)("breaks clients when %s", (name, edit, sentence) => {
  const known = name.includes("that was open")
    ? after((it) => delete schema(it, "MovieBody").additionalProperties)
    : before;
  const found = breakingChanges(known, after(edit));
  expect(found.join("\n")).toMatch(sentence);
});

test("reports a change in a shared answer once, with all its operations", () => {
  const found = breakingChanges(
    before,
    after((it) => delete it.components.responses.NotFound?.content?.["application/problem+json"]),
  );
  expect(found).toEqual([
    "GET /api/movies/{id}, PUT /api/movies/{id}, DELETE /api/movies/{id}, GET /api/imports/{id}, GET /api/billing/orders/{id}, GET /api/webhooks/{id}, DELETE /api/webhooks/{id}: no longer answers 404 as application/problem+json.",
  ]);
});

const HARMLESS: [string, Edit][] = [
  ["nothing is changed", () => {}],
  ["there is a new path", (it) => set(it.paths, { "/api/genres": { get: listMovies(it) } })],
  [
    "there is a new parameter that is optional",
    (it) => listMovies(it).parameters?.push({ name: "genre", in: "query", schema: { type: "string" } }),
  ],
  [
    "there is a new field in a request that is optional",
    (it) => set(schema(it, "MovieBody", "properties"), { later: { type: "integer" } }),
  ],
  [
    "there is a new field in an answer",
    (it) => {
      set(schema(it, "Movie", "properties"), { later: { type: "integer" } });
      set(schema(it, "Movie"), { required: ["id", "title", "description", "later"] });
    },
  ],
  [
    "a bound of a request is wider",
    (it) => set(schema(it, "MovieBody", "properties", "title"), { maxLength: 600 }),
  ],
  ["a field of a request becomes optional", (it) => set(schema(it, "MovieBody"), { required: ["title"] })],
  [
    "an answer promises more",
    (it) => {
      set(schema(it, "Movie", "properties", "title"), { maxLength: 500 });
      set(schema(it, "PlatformStatus", "properties", "status"), { enum: ["up", "down"] });
    },
  ],
  ["there is a new refusal", (it) => set(listMovies(it).responses, { 409: { description: "Not now." } })],
  ["a route asks for less", (it) => set(listMovies(it), { security: [] })],
  [
    "a field of an answer is split into alternatives of the same values",
    (it) =>
      set(schema(it, "Movie", "properties"), {
        title: {
          anyOf: [
            { type: "string", maxLength: 9 },
            { type: "string", minLength: 10 },
          ],
        },
      }),
  ],
  [
    "a refusal has one reason less",
    (it) => {
      const [problem] = Object.values(it.components.responses.InvalidRequestOrMalformedJson?.content ?? {});
      const type = Object(problem?.schema).allOf[1].properties.type;
      type.anyOf = type.anyOf.slice(1);
    },
  ],
  [
    "words are changed",
    (it) => {
      set(listMovies(it), { summary: "Movies" });
      set(schema(it, "Movie", "properties", "title"), { description: "Its name." });
    },
  ],
  [
    "a schema has another name",
    (it) => {
      set(it.components.schemas, { Film: schema(it, "Movie") });
      set(schema(it, "Movies"), { items: { $ref: "#/components/schemas/Film" } });
    },
  ],
];

test.each(HARMLESS)("breaks no client when %s", (_, edit) => {
  expect(breakingChanges(before, after(edit))).toEqual([]);
});

const messages = asyncApi("1.0.0");

function afterMessages(edit: (document: AsyncApiDocument) => unknown): AsyncApiDocument {
  const document = structuredClone(messages);
  edit(document);
  return document;
}

test.each<[string, (document: AsyncApiDocument) => unknown, RegExp]>([
  ["a queue is gone", (it) => delete it.channels.billing_queue, /queue billing_queue is gone/],
  [
    "a message is closed to unknown fields",
    (it) => set(it.components.schemas.OrderMessage, { additionalProperties: false }),
    /message order no longer takes unknown fields/,
  ],
  [
    "a message requires one more field",
    (it) =>
      set(it.components.schemas.OrderMessage, {
        required: ["user_id", "number_of_items", "total_amount", "id"],
      }),
    /message order no longer takes an object without id/,
  ],
  ["a message is gone", (it) => delete it.components.messages.order, /message order is gone/],
])("breaks publishers when %s", (_, edit, sentence) => {
  expect(brokenMessages(messages, afterMessages(edit)).join("\n")).toMatch(sentence);
});

test.each<[string, (document: AsyncApiDocument) => unknown]>([
  ["nothing is changed", () => {}],
  [
    "a message requires one field less",
    (it) => set(it.components.schemas.OrderMessage, { required: ["user_id"] }),
  ],
  ["there is another queue", (it) => set(it.channels, { refunds: { address: "refunds" } })],
])("breaks no publisher when %s", (_, edit) => {
  expect(brokenMessages(messages, afterMessages(edit))).toEqual([]);
});
