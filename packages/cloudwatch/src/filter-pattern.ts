import { infix, type Words, wordsOf } from "./words.ts";

type Pattern = (line: unknown) => boolean;

const LANGUAGE = {
  name: "The filter pattern",
  words: /"[^"]*"|\$(?:\.\w+)+|-?\d+(?:\.\d+)?|\w+|[<>!]=|&&|\|\||[{}()=<>]/,
  file: "packages/cloudwatch/src/filter-pattern.ts",
};

const ORDER: Readonly<Record<string, (value: number, than: number) => boolean>> = {
  "=": (value, than) => value === than,
  "!=": (value, than) => value !== than,
  "<": (value, than) => value < than,
  "<=": (value, than) => value <= than,
  ">": (value, than) => value > than,
  ">=": (value, than) => value >= than,
};

/**
 * A pattern for lines of JSON (CloudWatch Logs user guide, "Using filter patterns to match terms in JSON log events"): `{ $.failed > 0 }`, `{
 * ($.route = "GET *") && $.status >= 500 && $.known IS FALSE }`. An absent field matches only NOT EXISTS, and a number in quotation marks is a
 * text.
 */
export function parsePattern(text: string): Pattern {
  const words = wordsOf(text, LANGUAGE);
  words.take("{");
  const pattern = either(words);
  words.take("}");
  words.end();
  return pattern;
}

/** The value at `$.a.b`. */
export function valueAt(line: unknown, selector: string): unknown {
  return selector
    .split(".")
    .slice(1)
    .reduce<unknown>((value, field) => {
      const isThere = typeof value === "object" && value !== null && Object.hasOwn(value, field);
      return isThere ? (value as Record<string, unknown>)[field] : undefined;
    }, line);
}

function either(words: Words): Pattern {
  return infix(
    words,
    [["||"], ["&&"]],
    () => condition(words),
    (operator, left, right) => (line) =>
      operator === "&&" ? left(line) && right(line) : left(line) || right(line),
  );
}

function condition(words: Words): Pattern {
  if (words.takeIf("(")) {
    const inner = either(words);
    words.take(")");
    return inner;
  }
  const selector = words.takeMatch(/^\$/) ?? words.refuse();
  const at = (line: unknown) => valueAt(line, selector);
  if (words.takeIf("NOT")) {
    words.take("EXISTS");
    return (line) => at(line) === undefined;
  }
  if (words.takeIf("IS")) {
    const word = words.takeIf("TRUE", "FALSE", "NULL") ?? words.refuse();
    const wanted = { TRUE: true, FALSE: false, NULL: null }[word];
    return (line) => at(line) === wanted;
  }
  const operator = words.takeIf(...Object.keys(ORDER)) ?? words.refuse();
  const number = words.takeMatch(/^-?\d/);
  if (number !== undefined) {
    return (line) => {
      const value = at(line);
      return typeof value === "number" && (ORDER[operator]?.(value, Number(number)) ?? false);
    };
  }
  return comparison(words, operator, at);
}

/** Compares texts; `*` stands for any characters. */
function comparison(words: Words, operator: string, at: (line: unknown) => unknown): Pattern {
  const text = words.takeMatch(/^"/);
  if (text === undefined || !["=", "!="].includes(operator)) return words.refuse();
  const literals = text
    .slice(1, -1)
    .split("*")
    .map((literal) => literal.replaceAll(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  const wanted = new RegExp(`^${literals.join(".*")}$`, "s");
  return (line) => {
    const value = at(line);
    return typeof value === "string" && wanted.test(value) === (operator === "=");
  };
}
