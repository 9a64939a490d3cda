import { readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundle, sourceOf } from "./bundle.ts";
import { ROOT } from "./settings.ts";

const ENTRY = "local/src/stand-ins/event-bridge/main.ts";

test("a program is bundled again only when its sources have changed", async () => {
  const said: string[] = [];
  const report = (doing: string) => void said.push(doing);
  const file = await bundle(ENTRY, report);
  const built = () => statSync(file).ino;
  const first = built();
  said.length = 0;
  expect(await bundle(ENTRY, report)).toBe(file);
  expect([built(), said]).toEqual([first, []]);

  const sources = `${file}.json`;
  const known = JSON.parse(readFileSync(sources, "utf8"));
  expect(known.files).toEqual(
    expect.arrayContaining(["pnpm-lock.yaml", "packages/local/package.json", `packages/${ENTRY}`]),
  );
  expect(known.files.filter((path: string) => path.includes("node_modules"))).toEqual([]);
  for (const stale of [{ ...known, digest: "of other sources" }, { ...known, files: ["gone.ts"] }, {}]) {
    writeFileSync(sources, JSON.stringify(stale));
    await bundle(ENTRY, report);
    expect(JSON.parse(readFileSync(sources, "utf8"))).toEqual(known);
  }
  expect(built()).not.toBe(first);
  expect(said).toHaveLength(3);
});

test("a program whose source was saved while it was bundled is bundled again at the next start", async () => {
  const source = join(ROOT, "packages", ENTRY);
  const { atime, mtime } = statSync(source);
  const said: string[] = [];
  const report = (doing: string) => void said.push(doing);
  const file = await bundle(ENTRY, report);
  writeFileSync(`${file}.json`, "{}");
  utimesSync(source, atime, new Date(statSync(`${file}.json`).mtimeMs + 60_000));
  await bundle(ENTRY, report);
  utimesSync(source, atime, mtime);
  said.length = 0;
  await bundle(ENTRY, report);
  await bundle(ENTRY, report);
  expect(said).toEqual(["bundling the program"]);
});

test("a program that cannot be bundled is named with the reason", async () => {
  await expect(bundle("local/src/stand-ins/nothing/main.ts", () => {})).rejects.toThrow("nothing/main.ts");
});

test("a bundle leads back to its source, and another path to itself", async () => {
  const file = await bundle(ENTRY, () => {});
  expect(sourceOf(file)).toBe(join(ROOT, "packages", ENTRY));
  expect(sourceOf("--max-semi-space-size=4")).toBe("--max-semi-space-size=4");
});
