import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LOG_MESSAGES, SPAN_EVENTS, SPAN_NAMES } from "@cloud-design/core/billing/events";
import { ROOT } from "@cloud-design/local/platform/settings";
import { expect, test } from "vitest";

/**
 * Tests keep the literal texts, so that they notice a change. The live page imports nothing at run time from other
 * packages; the compiler checks its names against those of the snapshot.
 */
const LEFT_OUT =
  /node_modules|\/dist\/|\.test\.ts$|\/testing\/|^packages\/core\/|^packages\/traces\/src\/page\//;

const files = globSync("{packages,stacks}/**/*.{ts,mts,mjs,js}", {
  cwd: ROOT,
  exclude: (path) => /node_modules|\/dist$/.test(path),
})
  .filter((file) => !LEFT_OUT.test(file))
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), "utf8") }));
const names = Object.entries({ LOG_MESSAGES, SPAN_NAMES, SPAN_EVENTS }).flatMap(([list, members]) =>
  Object.entries(members).map(([member, name]) => ({ name, path: `${list}.${member}` })),
);

test("there are files to look at", () => {
  expect(files.length).toBeGreaterThan(400);
});

test.each(names)("$name stands in core alone, and a function or a service writes $path", ({ name, path }) => {
  const literal = new RegExp(`(["'\`])${name}\\1`);
  const writers = files.filter(({ file }) => /^packages\/(functions|containers)\//.test(file));
  expect(files.filter(({ text }) => literal.test(text)).map(({ file }) => file)).toEqual([]);
  expect(writers.some(({ text }) => text.includes(path))).toBe(true);
});

test("no span name is put together from a verb and a queue outside core", () => {
  const pieces = /`(?:send|process|replay|drop) \$\{[^}]*(?:queue|letters)/i;
  expect(files.filter(({ text }) => pieces.test(text)).map(({ file }) => file)).toEqual([]);
});
