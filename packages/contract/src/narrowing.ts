import { type Json, resolve, type Schema } from "./document.ts";

/** A value that one schema allows and another does not. */
export interface Loss {
  /** JSON Pointer into the value, empty for the whole. */
  at: string;
  what: string;
}

interface Side {
  document: object;
  schema: Schema;
}

/** Bounds, and whether a greater bound allows fewer values. */
const BOUNDS = {
  minimum: true,
  exclusiveMinimum: true,
  minLength: true,
  minItems: true,
  minProperties: true,
  maximum: false,
  exclusiveMaximum: false,
  maxLength: false,
  maxItems: false,
  maxProperties: false,
};
const ANNOTATIONS = ["description", "title", "example", "examples", "default", "deprecated", "discriminator"];
const COMPARED = [
  ...Object.keys(BOUNDS),
  ...["type", "enum", "const", "required", "properties", "additionalProperties", "items", "anyOf", "oneOf"],
];
const ANY_TYPE = ["array", "boolean", "integer", "null", "number", "object", "string"];

/**
 * The values that `from` allows and `to` does not, as far as keywords show it: a different pattern counts as a loss, because patterns cannot be
 * compared. `mayDrop` says whether `from` may lack a property that `to` describes without requiring it.
 */
export function losses(from: Side, to: Side, mayDrop: boolean, at = ""): Loss[] {
  const [a, b] = [flat(from), flat(to)];
  const alternatives = alternativesOf(a);
  if (alternatives && !alternativesOf(b)) {
    const { anyOf: _any, oneOf: _one, ...rest } = a;
    return alternatives.flatMap((one) =>
      losses({ ...from, schema: { allOf: [rest, one] } }, to, mayDrop, at),
    );
  }
  const loss = (what: string): Loss => ({ at, what });
  const inside = (left: Json | undefined, right: Json | undefined, step: string) =>
    losses(
      { ...from, schema: (left ?? {}) as Schema },
      { ...to, schema: (right ?? {}) as Schema },
      mayDrop,
      `${at}/${step}`,
    );
  const [properties, known] = [objectOf(a.properties), objectOf(b.properties)];

  return [
    ...typesOf(a)
      .filter((type) => !typesOf(b).includes(type) && !(type === "integer" && typesOf(b).includes("number")))
      .map((type) => loss(`the type ${type}`)),
    ...valuesLost(a, b).map(loss),
    ...Object.entries(BOUNDS)
      .filter(([name, isLower]) => isTighter(b[name], a[name], isLower))
      .map(([name]) => loss(`values beyond its ${name} of ${b[name]}`)),
    ...listOf(b.required)
      .filter((name) => !listOf(a.required).includes(name))
      .map((name) => loss(`an object without ${name}`)),
    ...(isOpen(a) && !isOpen(b) ? [loss("unknown fields")] : []),
    ...Object.keys(properties)
      .filter((name) => !(name in known) && !isOpen(b) && !isOpen(a))
      .map((name) => loss(`the field ${name}`)),
    ...Object.entries(known).flatMap(([name, schema]) => {
      if (name in properties) return inside(properties[name], schema, name);
      return mayDrop || listOf(b.required).includes(name) ? [] : [loss(`an object that never has ${name}`)];
    }),
    ...(a.items || b.items ? inside(a.items, b.items, "0") : []),
    ...alternativesLost(a, b, (left, right) =>
      losses({ ...from, schema: left }, { ...to, schema: right }, mayDrop, at),
    ).map(() => loss("one of its alternatives")),
    ...otherKeywords(b)
      .filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]))
      .map((name) => loss(`values that do not fit the ${name} ${JSON.stringify(b[name])}`)),
  ];
}

/** The schema without references, with all parts of `allOf` merged into one. */
function flat({ document, schema }: Side): Schema {
  const { allOf = [], ...own } = resolve(document, schema);
  const parts = (allOf as Schema[]).map((part) => flat({ document, schema: part }));
  return [...parts, own].reduce(both);
}

function both(one: Schema, other: Schema): Schema {
  const [left, right] = [objectOf(one.properties), objectOf(other.properties)];
  const shared = Object.keys(left).filter((name) => name in right);
  const properties = {
    ...left,
    ...right,
    ...Object.fromEntries(shared.map((name) => [name, { allOf: [left[name] ?? {}, right[name] ?? {}] }])),
  };
  const required = [...new Set([...listOf(one.required), ...listOf(other.required)])];
  return {
    ...one,
    ...other,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
  };
}

function typesOf({ type }: Schema): string[] {
  if (type === undefined) return ANY_TYPE;
  return typeof type === "string" ? [type] : listOf(type);
}

function valuesLost(a: Schema, b: Schema): string[] {
  const [before, after] = [valuesOf(a), valuesOf(b)];
  if (!after) return [];
  if (!before) return [`values other than ${after.join(", ")}`];
  return before.filter((value) => !after.includes(value)).map((value) => `the value ${value}`);
}

function valuesOf(schema: Schema): string[] | undefined {
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  return Array.isArray(schema.enum) ? schema.enum.map((value) => JSON.stringify(value)) : undefined;
}

function isTighter(bound: Json | undefined, than: Json | undefined, isLower: boolean): boolean {
  if (typeof bound !== "number") return false;
  if (typeof than !== "number") return true;
  return isLower ? bound > than : bound < than;
}

function isOpen({ additionalProperties }: Schema): boolean {
  return additionalProperties !== false;
}

/** The alternatives of one schema that no alternative of the other covers. */
function alternativesLost(a: Schema, b: Schema, compare: (left: Schema, right: Schema) => Loss[]): Schema[] {
  const [from, to] = [alternativesOf(a), alternativesOf(b)];
  if (!to) return [];
  return (from ?? [a]).filter((left) => to.every((right) => compare(left, right).length > 0));
}

function alternativesOf({ anyOf, oneOf }: Schema): Schema[] | undefined {
  const alternatives = anyOf ?? oneOf;
  return Array.isArray(alternatives) ? (alternatives as Schema[]) : undefined;
}

function otherKeywords(schema: Schema): string[] {
  return Object.keys(schema).filter((name) => !COMPARED.includes(name) && !ANNOTATIONS.includes(name));
}

function objectOf(value: Json | undefined): Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function listOf(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
