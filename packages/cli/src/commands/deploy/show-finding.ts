import type { Finding } from "@cloud-design/stage/preflight/finding";
import pc from "picocolors";

const NAME_WIDTH = "broker's zones".length;
const INDENT = NAME_WIDTH + 4;
const COLUMNS = 100;

/** One check for a person: mark, name and sentence; the sentence is wrapped at the terminal's width. */
export function findingLine({ check, state, says }: Finding, stream: NodeJS.WriteStream): string {
  const paint = pc.createColors(stream.isTTY === true && pc.isColorSupported);
  const mark = { ok: paint.green("✔"), warning: paint.yellow("!"), failed: paint.red("✖") }[state];
  const lines = wrapped(says, (stream.columns || COLUMNS) - INDENT);
  return `${mark} ${check.padEnd(NAME_WIDTH)}  ${lines.join(`\n${" ".repeat(INDENT)}`)}`;
}

/** Breaks a sentence between words; text in backquotes stays whole, so that it can be copied. */
function wrapped(text: string, width: number): string[] {
  const words = text.match(/\S*`[^`]*`\S*|\S+/g) ?? [];
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
