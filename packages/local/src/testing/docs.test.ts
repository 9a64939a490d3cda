import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../settings.ts";

const PAGES = ["README.md", "CONTRIBUTING.md", ...globSync("docs/*.md", { cwd: ROOT }).sort()];
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = ""]) => found);
const missing = (paths: string[]) => paths.filter((path) => !existsSync(join(ROOT, path)));

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return all(text, /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(/\s/g, "-"),
  );
}

describe.each(PAGES)("%s", (page) => {
  const text = read(page);

  it("names only commands that there are", () => {
    const { scripts } = JSON.parse(read("package.json"));
    const named = all(text, /npm (?:run (?:-s )?)?([a-z]+)/g);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
    const ops = all(text, /npm run (?:-s )?ops -- (\w+)/g);
    expect(missing(ops.map((name) => `packages/local/src/commands/ops/${name}.ts`))).toEqual([]);
    const commands = all(text, /run\.mjs (\w+)/g);
    expect(missing(commands.map((name) => `packages/local/src/commands/${name}.ts`))).toEqual([]);
  });

  it("names only files that there are", () => {
    const paths = all(text, /`((?:packages|stacks|docs|\.github)\/[\w./-]+|\w+\.(?:json|md|ts))`/g);
    const writtenInGeneral = new Set(["app.ts", "main.ts", "lambda.ts"]);
    expect(missing(paths.filter((path) => !writtenInGeneral.has(path)))).toEqual([]);
  });

  it("links only to pages and headings that there are", () => {
    for (const link of all(text, /\]\((?!https?:)([^)]+)\)/g)) {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : join(dirname(page), path);
      expect(missing([target]), link).toEqual([]);
      if (anchor !== undefined) expect(anchorsOf(read(target)), link).toContain(anchor);
    }
    for (const [, heading = "", target = ""] of text.matchAll(
      /"([^"\n]+)" (?:in|of)\s+`(docs\/[\w-]+\.md)`/g,
    )) {
      expect(read(target)).toMatch(new RegExp(`^#+ ${heading}$`, "m"));
    }
  });
});
