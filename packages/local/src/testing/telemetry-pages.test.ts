import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LOG_FIELDS, LogLine } from "@cloud-design/core/log-line";
import { expect, test } from "vitest";
import { ROOT } from "../settings.ts";

/** The rows of the table under the header that begins so, without what aligns them. */
function rowsUnder(page: string, header: readonly string[]): string[][] {
  const rows = readFileSync(join(ROOT, page), "utf8")
    .split("\n")
    .map((line) => (line.startsWith("| ") ? line.slice(2, -2).split(/ +\| +/) : []))
    .map((cells) => cells.map((cell) => cell.trim()));
  const start = rows.findIndex((cells) => header.every((name, index) => cells[index] === name));
  const table = rows.slice(start + 2);
  return start === -1
    ? []
    : table.slice(
        0,
        table.findIndex((cells) => cells.length === 0),
      );
}

test("docs/how/logs.md has a row for each field that a log may have, with its type and meaning", () => {
  expect(rowsUnder("docs/how/logs.md", ["field", "type", "meaning"])).toEqual(
    Object.entries(LOG_FIELDS).map(([name, [kind, meaning]]) => [`\`${name}\``, kind, meaning]),
  );
});

test("the line that docs/how/logs.md shows is one", () => {
  const [, line = ""] =
    /^```json\n(.*)\n```$/m.exec(readFileSync(join(ROOT, "docs/how/logs.md"), "utf8")) ?? [];
  expect(LogLine.safeParse(JSON.parse(line)).error).toBeUndefined();
});
