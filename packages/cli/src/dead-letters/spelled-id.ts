import { printableLine } from "@cloud-design/local/terminal/readable-line";

/** How an id is shown and typed: clients choose ids of any characters, and no terminal shows or takes all of them. */
export function spellId(id: string): string {
  return printableLine(id.replaceAll("\\", "\\u005c"));
}

/** The id that `spellId` spells so; any other text is itself. */
export function readId(spelled: string): string {
  return spelled.replaceAll(/\\u([\da-f]{4})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
