import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { expect, test } from "vitest";

/** Everything with words for people: code, pages, workflows, Dockerfiles. */
const SOURCES = [
  "*.{md,yaml,ts,mjs}",
  "{docs,patches}/**/*.md",
  ".github/**/*.{md,yml}",
  "{packages,stacks}/**/*.{ts,mts,mjs,js,css,md,sh}",
  "packages/**/Dockerfile",
];
/** Generated, or the words of others. */
const LEFT_OUT =
  /node_modules|\/dist\/|\/\.astro\/|\.local\/|client\/(CHANGES\.md|src\/schema\.ts)|pnpm-lock|plain-english/;

const START = String.raw`(?:^|[.:;!?]\s+|\n\s*\n)\W*`;
/** The habits that make a sentence be read twice. A few honest uses stay ("What must hold?"). */
const HABITS = [
  { habit: 'a fragment that begins with "Of"', mark: new RegExp(`${START}Of\\b`, "g"), max: 0 },
  {
    habit: "a relative clause as subject",
    mark: new RegExp(`${START}(?:What|Who|Whoever|Whatever|Whose)\\b(?![^.?!]{0,120}\\?)`, "g"),
    max: 4,
  },
  { habit: "an actor without a name", mark: /\b(?:nobody|somebody|anybody|whoever|none)\b/gi, max: 8 },
  { habit: "a caller with a sex", mark: /\b(?:he|him|his|himself)\b/gi, max: 0 },
  { habit: "a negated noun", mark: /(?<!there )\b(?:is|are|was|were) no (?!longer|more|less)\w+/gi, max: 0 },
];

/** The texts in a file that people read: comments and test names of code, the prose of pages. */
function textsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  if (file.endsWith(".md"))
    return text
      .replaceAll(/```.*?```/gs, "")
      .replaceAll(/`[^`]*`/g, "X")
      .split(/\n\s*\n|\n(?=[-|#*])|\|/);
  if (/\.(ya?ml|sh)$|Dockerfile$/.test(file)) return all(text, /(?:^[ \t]*#.*\n)+/gm).map(withoutMarks);
  const blocks = all(text, /\/\*.*?\*\//gs).map((block) => block.replaceAll(/^\s*\/?\*+\/?/gm, ""));
  const lines = all(text, /(?:^[ \t]*\/\/.*\n)+/gm).map(withoutMarks);
  const beside = all(text, /[;,{)]\s+\/\/ .*$/gm).map((line) => line.replace(/^.*?\/\/ /, ""));
  const names = file.endsWith(".test.ts") ? all(text, /\b(?:test|it|describe)\(\s*"[^"]+"/g) : [];
  return [...blocks, ...lines, ...beside, ...names.map((name) => name.replace(/^.*?"/s, ""))];
}

const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([found]) => found);
const withoutMarks = (text: string) => text.replaceAll(/^[ \t]*(?:#+|\/\/)[ \t]?/gm, "");

const files = globSync(SOURCES, { cwd: ROOT, exclude: (path) => /node_modules|\/dist$/.test(path) });
const texts = files
  .filter((file) => !LEFT_OUT.test(file))
  .flatMap((file) => textsOf(file).map((text) => ({ file, text })));

test("there are texts to look at", () => {
  expect(texts.length).toBeGreaterThan(5_000);
});

test.each(HABITS)("$habit stands in $max places at most", ({ mark, max }) => {
  const found = texts.flatMap(({ file, text }) =>
    [...text.matchAll(mark)].map(
      ({ index, 0: at }) => `${file}: ${text.slice(Math.max(0, index - 20), index + at.length + 60)}`,
    ),
  );
  expect(found.length, `\n${found.join("\n")}`).toBeLessThanOrEqual(max);
});

test.each([
  ["Of nobody in the load.", 0],
  ["What is no id of ours may hold what PostgreSQL takes in no text.", 1],
  ["Somebody asks where his order is.", 2],
  ["It is repeated to him within bounds.", 3],
  ["A word that is misspelt is no reason to stop.", 4],
])("the marks find %j", (sentence, index) => {
  expect(sentence).toMatch(new RegExp(HABITS[index]?.mark.source ?? "", HABITS[index]?.mark.flags));
});
