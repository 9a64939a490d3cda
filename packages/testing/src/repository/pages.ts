import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";

/** A fenced block of a page. */
export interface Block {
  language: string;
  /** A `run` block holds commands for a reader to paste, one a line. An `answer` block holds the output of the one command above it. */
  kind: "run" | "answer" | "shown";
  text: string;
}

export function blocksOf(page: string): Block[] {
  return blocksIn(readFileSync(join(ROOT, page), "utf8"));
}

export function blocksIn(text: string): Block[] {
  return [...text.matchAll(/^( *)```(\w*)([^\n]*)\n(.*?)^ *```$/gms)].map(
    ([, indent = "", language = "", meta = "", inside = ""]) => ({
      language,
      kind: meta === " run" || meta === " answer" ? (meta.trim() as "run" | "answer") : "shown",
      text: inside.replaceAll(new RegExp(`^${indent}`, "gm"), "").trimEnd(),
    }),
  );
}

export interface Step {
  command: string;
  /** Empty where the page shows no answer. */
  answer: string;
}

export function stepsOf(page: string): Step[] {
  const steps: Step[] = [];
  for (const { kind, text } of blocksOf(page)) {
    if (kind === "run") steps.push(...text.split("\n").map((command) => ({ command, answer: "" })));
    const last = steps.at(-1);
    if (kind === "answer" && last) last.answer = text;
  }
  return steps;
}
