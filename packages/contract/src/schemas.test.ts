import { OrderBody, OrderMessage } from "@cloud-design/core/billing/order";
import { MovieBody, MovieQuery } from "@cloud-design/core/inventory";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type * as z from "zod";
import { asyncApi } from "./asyncapi.ts";
import type { Schema } from "./document.ts";
import { openApi } from "./openapi.ts";

const openApiDocument = openApi("1.0.0");
const asyncApiDocument = Object(asyncApi("1.0.0"));
const ajv = new Ajv2020({ strict: false });

const order = { user_id: "3", number_of_items: "5", total_amount: "180" };
const movie = { title: "Playtime", description: "" };
const without = (name: string, { [name]: _, ...rest }: Record<string, unknown>) => rest;

const NO_OBJECTS = [null, true, 3, "text", [], [order], {}];

const ORDERS = [
  order,
  { user_id: 3, number_of_items: 5, total_amount: 180 },
  ...[1, 2_147_483_647, 2_147_483_648, 0, -1, 1.5, 3.0, 1e300, true, null, [3], {}].map((user_id) => ({
    ...order,
    user_id,
  })),
  ...[
    "1",
    "007",
    "2147483647",
    "2147483646",
    "2147483639",
    "1999999999",
    "0002147483647",
    "00000000000000000003",
  ].map((user_id) => ({ ...order, user_id })),
  ...["0", "00", "-1", "2147483648", "2147483650", "2147484000", "3000000000", "000000000000000000003"].map(
    (user_id) => ({
      ...order,
      user_id,
    }),
  ),
  ...["", " 3", "3 ", "3\n", "+3", "1e3", "0x10", "1.0", "٣", "NaN", "99999999999999999999"].map(
    (user_id) => ({
      ...order,
      user_id,
    }),
  ),
  ...[0, 0.07, 0.1, 9_999_999_999.99, 10_000_000_000, -0.01, 1e300, true, null, [], {}].map(
    (total_amount) => ({
      ...order,
      total_amount,
    }),
  ),
  ...["0", "0.1", "0.10", "180", "9999999999.99", "1234567890.12"].map((total_amount) => ({
    ...order,
    total_amount,
  })),
  ...["", "00", "01", "1.005", "10000000000", "-1", "1e3", "1.", ".5", "1,5", " 1", "1\n", "NaN"].map(
    (total_amount) => ({
      ...order,
      total_amount,
    }),
  ),
  ...[1, 999_999_999_999_999, "1", "999999999999999"].map((movie_id) => ({ ...order, movie_id })),
  ...Object.keys(order).map((name) => without(name, order)),
  { ...order, coupon: "half-price" },
];

const MOVIES = [
  movie,
  ...[
    "x",
    " x ",
    "x".repeat(500),
    "x".repeat(501),
    "🎬".repeat(500),
    "🎬".repeat(501),
    "",
    " ",
    "\u00a0\ufeff\u2003\n",
    "a\0b",
    "🎬",
    "\ud83c",
    "a\udfac",
  ].map((title) => ({ ...movie, title })),
  ...["", " ", "x".repeat(10_000), "a\0b", "🎬", "\ud83c"].map((description) => ({ ...movie, description })),
  ...[null, 3, true, [], {}].flatMap((value) => [
    { ...movie, title: value },
    { ...movie, description: value },
  ]),
  without("title", movie),
  without("description", movie),
  { ...movie, unknown: 1967 },
];

const QUERIES = [
  {},
  ...["", "playtime", "%", "x".repeat(500), "x".repeat(501), "a\0b", "\ud83c"].map((title) => ({ title })),
  ...["1", "20", "1000", "0", "1001", "-1", "1.5", "1e2", "", "abc", "1\0"].map((limit) => ({ limit })),
  { cursor: "Ny5naW1FZ2RVMQ" },
  ...["newest", "popular", "", "title"].map((sort) => ({ sort })),
  { titel: "Alien" },
];

/** Limits that a schema cannot express, each with the reason; here the code is stricter than its document. */
const UNSAYABLE: [string, { schema: z.ZodType; document: Schema; value: unknown }][] = [
  [
    "three decimals in a number: `multipleOf: 0.01` would refuse 0.07 as well",
    { schema: OrderBody, document: ref("OrderBody"), value: { ...order, total_amount: 1.005 } },
  ],
  [
    "a forged cursor: only the code can check its checksum",
    { schema: MovieQuery, document: querySchema(), value: { cursor: "Ny5naW1FZ2RVMB" } },
  ],
  [
    "a cursor of another sort: it is opaque",
    {
      schema: MovieQuery,
      document: querySchema(),
      value: { sort: "popular", cursor: "Ny5naW1FZ2RVMQ" },
    },
  ],
];

describe.each([
  ["OrderBody", OrderBody, ref("OrderBody"), [...NO_OBJECTS, ...ORDERS]],
  [
    "OrderMessage",
    OrderMessage,
    asyncApiDocument.components.schemas.OrderMessage as Schema,
    [...NO_OBJECTS, ...ORDERS],
  ],
  ["MovieBody", MovieBody, ref("MovieBody"), [...NO_OBJECTS, ...MOVIES]],
  ["MovieQuery", MovieQuery, querySchema(), QUERIES],
] as [string, z.ZodType, Schema, unknown[]][])(
  "%s in the document and in the code",
  (name, schema, document, values) => {
    const validate = ajv.compile(document);
    const takes = (value: unknown) => validate(name === "MovieQuery" ? asNumbers(value) : value);

    test.each(values.map((value) => [JSON.stringify(value).slice(0, 80), value]))(
      "judges %s alike",
      (_, value) => {
        expect(takes(value)).toBe(schema.safeParse(value).success);
      },
    );

    test("takes some of these values and refuses others", () => {
      expect(new Set(values.map((value) => schema.safeParse(value).success)).size).toBe(2);
    });
  },
);

test.each(UNSAYABLE)("only the code refuses %s", (_, { schema, document, value }) => {
  expect(ajv.validate(document, value)).toBe(true);
  expect(schema.safeParse(value).success).toBe(false);
});

test("a validator that works with floats would not accept 0.07 as a multiple of 0.01", () => {
  expect(ajv.validate({ multipleOf: 0.01 }, 0.07)).toBe(false);
});

function ref(name: string): Schema {
  return openApiDocument.components.schemas[name] ?? {};
}

/** The query of `GET /api/movies` as one object. */
function querySchema(): Schema {
  const { parameters = [] } = openApiDocument.paths["/api/movies"]?.get ?? {};
  const properties = parameters
    .filter((parameter) => parameter.in === "query")
    .map(({ name, schema }) => [name, schema]);
  return { type: "object", properties: Object.fromEntries(properties), additionalProperties: false };
}

/** An integer in a query is a text of digits. */
function asNumbers(query: unknown): unknown {
  const entries = Object.entries(query as Record<string, string>);
  return Object.fromEntries(
    entries.map(([name, text]) => [name, name === "limit" && /^-?\d+$/.test(text) ? Number(text) : text]),
  );
}
