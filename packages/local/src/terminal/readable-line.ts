import { parseJson } from "@cloud-design/core/json";
import { LogLine } from "@cloud-design/core/log-line";

/** Escapes every character that commands a terminal or makes it show other text: control characters, and those that change the direction. */
export function printable(text: string): string {
  return text.replace(
    /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The same in one line, as for a cell of a table. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", "\\u000a").replaceAll("\t", "\\u0009");
}

/** A line of a log for a person: message and cause of a line in this project's format, any other line as it is. */
export function readableLine(line: string): string {
  const { data } = LogLine.safeParse(parseJson(line));
  if (data === undefined) return printable(line);
  const { message, err } = data;
  return printable(err === undefined ? message : `${message}: ${err.message ?? err.type}`);
}
