import { resolve, type Schema } from "@cloud-design/contract/document";
import * as fc from "fast-check";
import { openApiDocument, validatorOf } from "./documents.ts";

/** Values that a schema of the document allows. */
export function validOf(schema: Schema): fc.Arbitrary<unknown> {
  const isValid = validatorOf(schema);
  return generate(schema).filter((value) => isValid(value));
}

function generate(schema: Schema): fc.Arbitrary<unknown> {
  const {
    $ref,
    anyOf,
    enum: values,
    type,
    items,
    properties,
    required,
    pattern,
    minimum,
    maximum,
    maxLength,
    maxItems,
  } = resolve(openApiDocument, schema);
  if ($ref) throw new Error(`${$ref} leads nowhere`);
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map((one) => generate(Object(one))));
  if (Array.isArray(values)) return fc.constantFrom(...values);
  if (type === "array") return fc.array(generate(Object(items)), { maxLength: Number(maxItems) });
  if (type === "integer") return fc.integer({ min: Number(minimum), max: Number(maximum) });
  if (type === "number") return fc.double({ min: Number(minimum), max: Number(maximum) });
  if (type === "object") {
    const fields = Object.entries(Object(properties)).map(([name, field]) => [name, generate(Object(field))]);
    const requiredKeys = Array.isArray(required) ? required.map(String) : [];
    return fc.record<Record<string, unknown>>(Object.fromEntries(fields), { requiredKeys });
  }
  if (type !== "string") throw new Error(`No arbitrary for ${JSON.stringify(schema)}`);
  const anything = fc.string({ unit: "grapheme", maxLength: Math.min(Number(maxLength ?? 200), 200) });
  // A negated class only says which characters are forbidden.
  if (typeof pattern !== "string" || pattern.includes("[^")) return anything;
  return fc.stringMatching(new RegExp(pattern), { maxLength: Number(maxLength ?? 100) });
}

const BIG = "9".repeat(400);
/** JSON that the project's serializers never write. */
const ODD_JSON = [
  ...["1e309", "-1e309", "-0", "1E400", BIG, `-${BIG}`, "0.1e-400", "9007199254740993", "1.0", "1e2"],
  ...['"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"\\u202e"', `"${"x".repeat(70_000)}"`],
  ...['{"__proto__":1}', '{"constructor":{"prototype":{"x":1}}}', '{"toJSON":1}', '{"length":1e9}', "[[]]"],
  ...[`${"[".repeat(5_000)}${"]".repeat(5_000)}`, `${'{"a":'.repeat(2_000)}1${"}".repeat(2_000)}`],
  ...["NaN", "undefined", "'x'", "0x10", "01", "+1", ".5", "1.", "", "\u00a0", '"\t"', "\ufeff1", "/**/1"],
];

const wildJson = fc.oneof(
  fc.constantFrom(...ODD_JSON),
  fc.json({ depthSize: "medium", stringUnit: "binary", maxDepth: 6 }),
);
const wildText = fc.string({ unit: "binary", maxLength: 300 });

/** Bodies as bytes: valid ones, near misses, and arbitrary ones. */
export function bodyOf(schema: Schema): fc.Arbitrary<Buffer> {
  const good = validOf(schema);
  const names = Object.keys(Object(resolve(openApiDocument, schema).properties));
  const field = fc.constantFrom(...names);
  const without = (value: unknown, name: string) => ({ ...Object(value), [name]: undefined });
  const nearMiss = fc.oneof(
    fc.tuple(good, field).map(([value, name]) => JSON.stringify(without(value, name))),
    // Also a field that occurs twice.
    fc.tuple(good, fc.oneof(field, wildText), wildJson, fc.boolean()).map(([value, name, wild, first]) => {
      const all = JSON.stringify(value);
      const added = `${JSON.stringify(name)}:${wild}`;
      return first ? `{${added},${all.slice(1)}` : `${all.slice(0, -1)},${added}}`;
    }),
    fc.tuple(good, field, wildJson).map(([value, name, wild]) => {
      return JSON.stringify({ ...Object(value), [name]: "?" }).replace('"?"', () => wild);
    }),
    good.map((value) => `[${JSON.stringify(value)}]`),
    fc.tuple(good, fc.nat(60)).map(([value, length]) => JSON.stringify(value).slice(0, length)),
  );
  return fc.oneof(
    { weight: 3, arbitrary: good.map((value) => Buffer.from(JSON.stringify(value))) },
    { weight: 4, arbitrary: nearMiss.map((text) => Buffer.from(text)) },
    { weight: 2, arbitrary: wildJson.map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: good.map((value) => Buffer.from(JSON.stringify(value), "utf16le")) },
  );
}

/** A segment or a value in a request target. */
const RAW = [
  "%",
  "%zz",
  "%00",
  "%2F",
  "%2e%2e",
  "%C0%AF",
  "%ff",
  "%ED%A0%80",
  ";",
  "*",
  "'",
  "|",
  "+",
  "&",
  "=",
];

/** One segment of a path, neither empty nor made of dots. */
export function segmentOf(schema: Schema): fc.Arbitrary<string> {
  return fc.oneof(
    validOf(schema).map(String),
    fc.constantFrom(...RAW, "0", "-1", "1e3", "__proto__", "a".repeat(2_000)),
    wildText.map((text) => encodeURIComponent(text.toWellFormed())).filter((text) => /[^.]/.test(text)),
  );
}

/** A query by the document's parameters, with `?`, or an empty text. */
export function queryOf(parameters: readonly { name: string; schema: Schema }[]): fc.Arbitrary<string> {
  const encoded = wildText.map((text) => encodeURIComponent(text.toWellFormed()));
  const value = (schema: Schema) =>
    fc.oneof(
      validOf(schema).map((valid) => encodeURIComponent(String(valid).toWellFormed())),
      encoded,
      fc.constantFrom(...RAW),
    );
  const known = parameters.map(({ name, schema }) => fc.tuple(fc.constant(name), value(schema)));
  const unknown = fc.tuple(fc.oneof(encoded, fc.constantFrom("__proto__", "titel", "")), encoded);
  const parts = fc.array(fc.oneof(...known, unknown), { maxLength: 4 });
  return parts.map((pairs) =>
    pairs.length === 0 ? "" : `?${pairs.map((pair) => pair.join("=")).join("&")}`,
  );
}

/** A header's value within HTTP's rules. */
export const headerValue: fc.Arbitrary<string> = fc
  .string({
    unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
    maxLength: 200,
  })
  .map((text) => text.replaceAll("\x7f", ""));
