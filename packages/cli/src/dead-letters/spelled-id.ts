import { printableLine } from "@cloud-design/local/terminal/readable-line";

/** How an id is shown and typed: clients may choose ids of any characters, but a terminal cannot show or accept all of them. */
export function spellId(id: string): string {
  return printableLine(id.replaceAll("\\", "\\u005c"));
}

/** The id with this spelling; any other text is returned unchanged. */
export function readId(spelled: string): string {
  return spelled.replaceAll(/\\u([\da-f]{4})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
