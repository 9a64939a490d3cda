import type { FieldError } from "@cloud-design/core/errors";
import type { Context } from "hono";
import type * as z from "zod";
import { HttpProblem } from "./problem.ts";

/** Most field names that a problem repeats, and most characters of each. */
const NAMED_MAX = 10;
const NAME_MAX = 100;

/** Parses a caller's input. Throws a 400 that names each wrong field. */
export function parse<T extends z.ZodType>(
  schema: T,
  value: unknown,
  toField: (path: PropertyKey[]) => string = toPointer,
): z.output<T> {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.flatMap((issue) => toErrors(issue, toField)));
}

function invalid(errors: readonly FieldError[]): HttpProblem {
  const detail = errors.map(({ field, detail }) => `${field} ${detail}`.trim()).join("; ");
  return new HttpProblem("invalid-request", detail, { errors });
}

/** Parses query parameters. A parameter that is given twice is refused, because it is unclear which one counts. */
export function parseQuery<T extends z.ZodType>(c: Context, schema: T): z.output<T> {
  if (!isWellEncoded(new URL(c.req.url).search)) {
    throw new HttpProblem("invalid-request", "The query is not UTF-8 in percent-encoding.");
  }
  const repeated = Object.entries(c.req.queries()).filter(([, values]) => values.length > 1);
  if (repeated.length > 0) {
    throw invalid(
      repeated
        .slice(0, NAMED_MAX)
        .map(([name]) => ({ field: name.slice(0, NAME_MAX), detail: "is given more than once" })),
    );
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

/** Parses a header; undefined when it was not sent. */
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
    return issue.keys.slice(0, NAMED_MAX).map((key) => ({
      field: toField([...issue.path, key.slice(0, NAME_MAX)]),
      detail: "is not a known field",
    }));
  }
  // An absent field of a union is reported as `invalid_union`.
  const isMissing = ["invalid_type", "invalid_union"].includes(issue.code) && issue.input === undefined;
  return [{ field: toField(issue.path), detail: isMissing ? "is missing" : issue.message }];
}

/** RFC 6901. */
function toPointer(path: PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
