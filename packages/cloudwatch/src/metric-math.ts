import { infix, type Words, wordsOf } from "./words.ts";

/** One value for each window, oldest first; undefined where CloudWatch has no data point. */
export type Series = readonly (number | undefined)[];

/** The ids of the metrics and expressions that it may name. */
interface Scope {
  length: number;
  seriesOf(id: string): Series;
}

type Expression = (scope: Scope) => Series;

const LANGUAGE = {
  name: "The metric math",
  words: /\d+(?:\.\d+)?|\w+|[<>=!]=|&&|\|\||[-+*/<>(),]/,
  file: "packages/cloudwatch/src/metric-math.ts",
};

const OPERATORS: Readonly<Record<string, (left: number, right: number) => number>> = {
  "||": (left, right) => Number(left !== 0 || right !== 0),
  OR: (left, right) => Number(left !== 0 || right !== 0),
  "&&": (left, right) => Number(left !== 0 && right !== 0),
  AND: (left, right) => Number(left !== 0 && right !== 0),
  "==": (left, right) => Number(left === right),
  "!=": (left, right) => Number(left !== right),
  "<": (left, right) => Number(left < right),
  "<=": (left, right) => Number(left <= right),
  ">": (left, right) => Number(left > right),
  ">=": (left, right) => Number(left >= right),
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
};
const LEVELS = [
  ["||", "OR"],
  ["&&", "AND"],
  ["==", "!=", "<", "<=", ">", ">="],
  ["+", "-"],
  ["*", "/"],
];

/**
 * The part of CloudWatch's metric math that the alarms use (user guide, "Using math expressions with CloudWatch metrics"). A data point needs
 * all its inputs, and a division by zero has no data point.
 */
export function parseMath(text: string): Expression {
  const words = wordsOf(text, LANGUAGE);
  const expression = sum(words);
  words.end();
  return expression;
}

function sum(words: Words): Expression {
  return infix(
    words,
    LEVELS,
    () => operand(words),
    (operator, left, right) => (scope) => pointwise(scope, [left, right], ([a, b]) => apply(operator, a, b)),
  );
}

function apply(operator: string, left?: number, right?: number): number | undefined {
  if (left === undefined || right === undefined) return;
  const result = OPERATORS[operator]?.(left, right);
  return Number.isFinite(result) ? result : undefined;
}

function operand(words: Words): Expression {
  if (words.takeIf("(")) {
    const inner = sum(words);
    words.take(")");
    return inner;
  }
  const number = words.takeMatch(/^\d/);
  if (number !== undefined) return ({ length }) => Array.from({ length }, () => Number(number));
  if (words.takeIf("IF")) return choice(words);
  if (words.takeIf("FILL")) return filled(words);
  // Ids begin with a small letter, functions with a capital.
  const id = words.takeMatch(/^[a-z]\w*$/) ?? words.refuse();
  return ({ seriesOf }) => seriesOf(id);
}

/** `IF(condition, then, otherwise)`: the branch that is not chosen may be missing. */
function choice(words: Words): Expression {
  words.take("(");
  const condition = sum(words);
  words.take(",");
  const then = sum(words);
  const otherwise = words.takeIf(",") ? sum(words) : undefined;
  words.take(")");
  return (scope) =>
    pointwise(scope, [condition, then, ...(otherwise ? [otherwise] : [])], ([is, one, other]) => {
      if (is === undefined) return;
      return is === 0 ? other : one;
    });
}

/** `FILL(metric, 0)` replaces missing data by a number, `FILL(metric, REPEAT)` by the last value before it. */
function filled(words: Words): Expression {
  words.take("(");
  const gappy = sum(words);
  words.take(",");
  const filler = words.takeIf("REPEAT") ? undefined : sum(words);
  words.take(")");
  if (filler) return (scope) => pointwise(scope, [gappy, filler], ([value, instead]) => value ?? instead);
  return (scope) => {
    let last: number | undefined;
    return gappy(scope).map((value) => {
      last = value ?? last;
      return last;
    });
  };
}

function pointwise(
  scope: Scope,
  expressions: Expression[],
  point: (values: (number | undefined)[]) => number | undefined,
): Series {
  const columns = expressions.map((expression) => expression(scope));
  return Array.from({ length: scope.length }, (_, at) => point(columns.map((column) => column[at])));
}
