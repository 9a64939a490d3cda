/** The value of a JSON text; undefined for anything else. The parser's own error is left out: it would quote the text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
