type Fields = Record<string, unknown>;

/**
 * Whether a rule of EventBridge matches an event: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * Throws at an operator that is not known here.
 */
export function takes(pattern: Fields, event: Fields): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    if (name === "$or") return (wanted as Fields[]).some((either) => takes(either, event));
    const value = event[name];
    if (Array.isArray(wanted)) return fits(wanted, value);
    if (Array.isArray(value)) throw new Error(`${name}: patterns of lists of objects are not known here.`);
    return isFields(value) && takes(wanted as Fields, value);
  });
}

/** One pattern of the list is enough, and so is one value of the event's list. */
function fits(wanted: readonly unknown[], value: unknown): boolean {
  const values = Array.isArray(value) ? value : [value];
  return wanted.some((one) => values.some((each) => (isFields(one) ? compare(one, each) : one === each)));
}

function compare(comparison: Fields, value: unknown): boolean {
  const [[operator, operand] = [], ...more] = Object.entries(comparison);
  if (operator === "prefix" && more.length === 0) {
    return typeof value === "string" && value.startsWith(String(operand));
  }
  if (operator === "numeric" && Array.isArray(operand) && operand.length === 2 && operand[0] === ">") {
    return typeof value === "number" && value > Number(operand[1]);
  }
  throw new Error(
    `${JSON.stringify(comparison)} is not known here: add it to stacks/testing/event-pattern.ts.`,
  );
}

/** The text that a target gets for an event: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
export function transform(
  { InputPathsMap, InputTemplate }: { InputPathsMap: Record<string, string>; InputTemplate: string },
  event: Fields,
): string {
  const text: string = JSON.parse(InputTemplate);
  // A path without a value becomes an empty text.
  return text.replaceAll(/<([^<>]+)>/g, (_, name) => String(valueAt(InputPathsMap[name] ?? "", event) ?? ""));
}

function valueAt(path: string, event: Fields): unknown {
  const [root, ...steps] = path.replaceAll(/\[(\d+)\]/g, ".$1").split(".");
  if (root !== "$") throw new Error(`${path} is not a path into an event.`);
  return steps.reduce<unknown>((value, step) => (value as Fields | undefined)?.[step], event);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
