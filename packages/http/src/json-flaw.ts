const SPACE = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
/** A JSON string without its closing quote: no control character, unescaped quote or single backslash. */
const OPEN_STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*/y;

type Expected = "value" | "value or ]" | "name" | "name or }" | ":" | "end of value";

/**
 * The offset at which a text stops being JSON (RFC 8259): its length when it is incomplete, undefined when it is JSON.
 * `JSON.parse` gives no position for most flaws, and quotes the text.
 */
export function jsonFlaw(text: string): number | undefined {
  const open: ("}" | "]")[] = [];
  let expected: Expected = "value";
  let at = endOf(SPACE, text, 0);
  for (; at < text.length; at = endOf(SPACE, text, at)) {
    const char = text.charAt(at);
    if (char === open.at(-1) && (expected.endsWith(char) || expected === "end of value")) {
      open.pop();
      expected = "end of value";
    } else if (expected === "end of value") {
      if (char !== "," || open.length === 0) return at;
      expected = open.at(-1) === "}" ? "name" : "value";
    } else if (expected === ":") {
      if (char !== ":") return at;
      expected = "value";
    } else if (char === '"') {
      at = endOf(OPEN_STRING, text, at);
      if (text.charAt(at) !== '"') return at;
      expected = expected.startsWith("name") ? ":" : "end of value";
    } else if (expected.startsWith("name")) {
      return at;
    } else if (char === "{" || char === "[") {
      open.push(char === "{" ? "}" : "]");
      expected = char === "{" ? "name or }" : "value or ]";
    } else {
      const end = endOf(SCALAR, text, at);
      if (end === at) return at;
      at = end - 1;
      expected = "end of value";
    }
    at += 1;
  }
  return expected === "end of value" && open.length === 0 ? undefined : text.length;
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
