import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";

/** Replaces the text between `<!-- mark -->` and `<!-- end of mark -->` in a page. */
export function replaceBetween(page: string, mark: string, text: string): void {
  const [begin, end] = [`<!-- ${mark} -->`, `<!-- end of ${mark} -->`];
  const path = join(ROOT, page);
  const [before = "", rest = ""] = readFileSync(path, "utf8").split(begin);
  const [, after = ""] = rest.split(end);
  writeFileSync(path, [before, begin, "\n\n", text, "\n", end, after].join(""));
}

export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
