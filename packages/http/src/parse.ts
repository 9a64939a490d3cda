import type { FieldError } from "@cloud-design/core/errors";
import type { Context } from "hono";
import type * as z from "zod";
import { HttpProblem } from "./problem.ts";

/** Parses what a caller sent, or throws the 400 that names each wrong field. */
export function parse<T extends z.ZodType>(
  schema: T,
  value: unknown,
  toField: (path: PropertyKey[]) => string = toPointer,
): z.output<T> {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap((issue) => toErrors(issue, toField));
  throw new HttpProblem(
    "invalid-request",
    errors.map(({ field, detail }) => `${field} ${detail}`.trim()).join("; "),
    { errors },
  );
}

/** Query parameters by schema; one that is given twice keeps its first value. */
export function parseQuery<T extends z.ZodType>(c: Context, schema: T): z.output<T> {
  if (!isWellEncoded(new URL(c.req.url).search)) {
    throw new HttpProblem("invalid-request", "The query is not UTF-8 in percent-encoding.");
  }
  return parse(schema, c.req.query(), (path) => path.join("."));
}

function isWellEncoded(query: string): boolean {
  try {
    decodeURIComponent(query);
    return true;
  } catch {
    return false;
  }
}

/** A header by schema; undefined when it was not sent. */
export function parseHeader<T extends z.ZodType>(
  c: Context,
  name: string,
  schema: T,
): z.output<T> | undefined {
  const value = c.req.header(name);
  return value === undefined ? undefined : parse(schema, value, () => name);
}

function toErrors(issue: z.core.$ZodIssue, toField: (path: PropertyKey[]) => string): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.slice(0, 10).map((key) => ({
      field: toField([...issue.path, key.slice(0, 100)]),
      detail: "is not a known field",
    }));
  }
  // In a union it is none of the kinds that the union knows.
  const isMissing = ["invalid_type", "invalid_union"].includes(issue.code) && issue.input === undefined;
  return [{ field: toField(issue.path), detail: isMissing ? "is missing" : issue.message }];
}

/** RFC 6901. */
function toPointer(path: PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
