import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { THROTTLES } from "@cloud-design/functions/gateway/throttles";
import { PROBLEMS } from "@cloud-design/http";
import { ROOT } from "@cloud-design/local/platform/settings";
import { CHECKS } from "@cloud-design/stacks/testing/checks";
import { parseIncidents } from "@cloud-design/status";
import { describe, expect, it, test } from "vitest";
import { blocksOf } from "./pages.ts";

/** Incidents, and the page on how to write them, are shown by the status page. */
const SITE_PAGES = globSync("docs/**/*.md", { cwd: ROOT, exclude: ["docs/incidents/**"] }).sort();
const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "SECURITY.md",
  "docs/incidents/README.md",
  ...SITE_PAGES,
];
/** The paths of the site besides the pages of docs/. */
const SITE_ONLY = new Set([
  "/reference",
  "/status",
  "/status/feed.atom",
  "/openapi.json",
  "/asyncapi.json",
  "/postman_collection.json",
  "/requests.http",
]);

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = ""]) => found);
const missing = (paths: string[]) => paths.filter((path) => !existsSync(join(ROOT, path)));

/** The slugs that GitHub makes of headings. */
function anchorsOf(text: string): string[] {
  return all(text, /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\s-]/gu, "")
      .replaceAll(/\s/g, "-"),
  );
}

describe.each(PAGES)("%s", (page) => {
  const text = read(page);

  it("names only existing commands", () => {
    const { scripts } = JSON.parse(read("package.json"));
    const code = all(text, /(^ *```.*?^ *```|`[^`\n]+`)/gms).join("\n");
    const named = all(code, /\bnpm (?:run (?:-s )?)?([a-z]+(?::[a-z]+)?)/g);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
    const ops = all(text, /npm run (?:-s )?ops -- (\w+)/g);
    expect(missing(ops.map((name) => `packages/cli/src/commands/ops/${name}.ts`))).toEqual([]);
    const commands = all(text, /run\.mjs (\w+)/g);
    expect(missing(commands.map((name) => `packages/cli/src/commands/${name}.ts`))).toEqual([]);
  });

  it("names only existing files", () => {
    const paths = all(text, /`((?:packages|stacks|docs|\.github)\/[\w./-]+|\w+\.(?:json|md|ts))`/g);
    const writtenInGeneral = new Set(["app.ts", "main.ts", "lambda.ts"]);
    const isThere = (path: string) => writtenInGeneral.has(path) || SITE_ONLY.has(`/${path}`);
    expect(missing(paths.filter((path) => !isThere(path)))).toEqual([]);
  });

  it("links only to existing pages and headings", () => {
    for (const link of all(text, /\]\((?!https?:)([^)]+)\)/g)) {
      const [path = "", anchor] = link.split("#");
      if (path.startsWith("/")) {
        expect(SITE_ONLY, link).toContain(path);
        continue;
      }
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

describe.each(PAGES)("the commands of %s", (page) => {
  const blocks = blocksOf(page);
  const shells = blocks.filter(({ language }) => language === "sh");

  it("can be pasted as they are copied: they are shell, without a prompt, an answer or a remark", () => {
    expect(blocks.filter(({ language }) => language === "console")).toEqual([]);
    for (const { kind, text } of shells) {
      execFileSync("bash", ["-n"], { input: text });
      expect(text).not.toMatch(/^ *[$>] /m);
      // In a terminal, zsh reads a remark after a command as arguments.
      expect(text).not.toMatch(kind === "run" ? /(^| )#/m : /\S +#/);
    }
  });

  it("stand one above each answer", () => {
    for (const [index, { kind }] of blocks.entries()) {
      if (kind !== "answer") continue;
      const asked = blocks[index - 1];
      expect([asked?.language, asked?.kind, asked?.text.split("\n").length]).toEqual(["sh", "run", 1]);
    }
  });

  it("send no fixed key or trace, which would belong to another order when they are pasted again", () => {
    const sent = shells.flatMap(({ text }) => all(text, /(?:idempotency-key|traceparent): *(\S+)/gi));
    expect(sent.filter((value) => !value.startsWith("$"))).toEqual([]);
  });
});

/** The lines between the two rules at the top of a page, as names and values. */
function frontmatterOf(text: string): Record<string, string> {
  const [, block = ""] = /^---\n(.*?)\n---\n/s.exec(text) ?? [];
  const lines = block.split("\n").map((line) => /^(\w+): (.+)$/.exec(line) ?? []);
  return Object.fromEntries(
    lines.map(([, name = "", value = ""]) => [name, value.replace(/^"(.*)"$/, "$1")]),
  );
}

const withoutCode = (text: string) => text.replaceAll(/^ *```.*?^ *```$/gms, "");

describe.each(SITE_PAGES)("%s, as a page of the site", (page) => {
  const text = read(page);

  it("has a title and one sentence that describes it, and no heading of the first level", () => {
    const { title, description, ...others } = frontmatterOf(text);
    expect(others).toEqual({});
    expect(title).toMatch(/\w/);
    expect(description).toMatch(/^.{20,159}\.$/);
    expect(withoutCode(text)).not.toMatch(/^# /m);
  });

  it("is plain Markdown, with diagrams that can be rendered", () => {
    const prose = withoutCode(text).replaceAll(/`[^`]*`/g, "");
    expect(all(prose, /<(\/?[a-z][^>]*)>/gi).filter((tag) => !/^(div lang="fr"|\/div)$/.test(tag))).toEqual(
      [],
    );
    // A screen reader reads the name of the diagram.
    for (const [, name, kind] of text.matchAll(/^ *```mermaid(.*)\n\s*(\S+)/gm)) {
      expect(name, kind).toMatch(/^ \w.+/);
      expect(["flowchart", "sequenceDiagram", "stateDiagram-v2", "xychart-beta"]).toContain(kind);
    }
  });
});

describe("the pages of the problems", () => {
  const pages = SITE_PAGES.filter((page) => /^docs\/problems\/(?!index)/.test(page));

  test("are one for each code, and no other", () => {
    expect(pages).toEqual(
      Object.keys(PROBLEMS)
        .map((code) => `docs/problems/${code}.md`)
        .toSorted(),
    );
  });

  test.each(Object.entries(PROBLEMS))(
    "%s: say title and status as the answer does",
    (code, { status, title }) => {
      const text = read(`docs/problems/${code}.md`);
      expect(frontmatterOf(text).title).toBe(title);
      const examples = all(text, /^```json\n(.*?)^```$/gms).map((example) => JSON.parse(example));
      expect(examples[0]).toMatchObject({ type: `http://localhost:4000/problems/${code}`, title, status });
      const row = new RegExp(`^\\| ${status} +\\| \\[${title}\\]\\(${code}\\.md\\) +\\| \`${code}\` `, "m");
      expect(read("docs/problems/index.md")).toMatch(row);
    },
  );
});

/** The entries of docs/threats.md: a letter of STRIDE, and the tests by file and title. */
const threats = read("docs/threats.md")
  .split("\n")
  .map((line) => line.split(" | "))
  .filter(([, kind = ""]) => /^[A-Z]$/.test(kind))
  .map(([, kind, , shown = ""]) => {
    const tests: [file: string, title: string][] = [];
    let file = "";
    for (const [, path, title] of shown.matchAll(/`([\w./-]+\.test\.ts)`|_([^_]+)_/g)) {
      if (path !== undefined) file = path;
      if (title !== undefined) tests.push([file, title]);
    }
    return { kind, tests };
  });

describe("docs/threats.md", () => {
  test("has threats of each kind, and a test for each threat", () => {
    expect(threats.length).toBeGreaterThanOrEqual(20);
    expect(new Set(threats.map(({ kind }) => kind))).toEqual(new Set("STRIDE"));
    expect(threats.filter(({ tests }) => tests.length === 0)).toEqual([]);
  });

  test.each(threats.flatMap(({ tests }) => tests))("%s has a test with the title: %s", (file, title) => {
    const titles = file === "stacks/test/checks.test.ts" ? Object.keys(CHECKS) : titlesIn(read(file));
    expect(titles).toContain(title);
  });
});

/** The first argument of each test. */
function titlesIn(source: string): string[] {
  return all(source, /\(\s*"((?:[^"\\]|\\.)+)",/g);
}

test("docs/containers.md names the ports that compose.yaml publishes", () => {
  const published = all(read("compose.yaml"), /^ *ports: (\[.*\])$/gm).flatMap((ports) => JSON.parse(ports));
  const [, said = ""] = /^(Ports .*? are published)/m.exec(read("docs/containers.md")) ?? [];
  expect(all(said, /(\d{4})/g)).toEqual(published.map((port) => port.split(":").at(-2)));
});

test("the pages name as many callers of the broker as the network allows", () => {
  const edges = new Set(all(read("stacks/network.ts"), /\["(\w+)", "broker", /g));
  const count = ["no", "one", "two", "three", "four", "five"][edges.size];
  expect(read("docs/questions.md").replaceAll("\n", " ")).toContain(`lets in ${count} callers`);
  const [, named = ""] = /On AWS only (.*?) reach the broker/.exec(read("docs/messages.md")) ?? [];
  expect(named.split(/, | and /)).toHaveLength(edges.size);
});

describe("docs/deploy.md", () => {
  const page = read("docs/deploy.md");
  const under = (heading: string) => page.split(/^##+ /m).find((text) => text.startsWith(heading)) ?? "";
  const named = (text: string) => all(text, /^\| (`.*?`) +\|/gm).flatMap((cell) => all(cell, /`([^`]+)`/g));

  test("has a row for each setting that a deployment reads", () => {
    const [, schema = ""] = read("packages/stage/src/environment.ts").split("const StackEnvironment");
    expect(named(under("Settings")).toSorted()).toEqual(all(schema, /^ {4}([A-Z_]+): z\b/gm).toSorted());
  });

  test("has a row for each output that every stage has", () => {
    const added = ["stacks/identity.ts", "stacks/site.ts", "stacks/firewall.ts"].flatMap((file) =>
      all(read(file), /addOutputs\(\{(.*?)\}\)/gs).flatMap((outputs) => all(outputs, /\b([A-Z]\w+):/g)),
    );
    expect(added.length).toBeGreaterThan(5);
    expect(named(under("First deployment"))).toEqual(expect.arrayContaining(added));
  });

  test("names the ports of a tunnel, and the hours after which it ends", () => {
    const section = under("A tunnel into a stage");
    const ports = all(section, /^\| [^|]+\| (`localhost:\d+`[^|]*)\|/gm).flatMap((cell) =>
      all(cell, /(\d{5})/g),
    );
    const [, taken = ""] = /TUNNEL_PORTS = \{(.*?)\}/s.exec(read("packages/stage/src/tunnel-ends.ts")) ?? [];
    expect(ports).toEqual(all(taken, /: ([\d_]+),/g).map((port) => port.replace("_", "")));
    const [hours] = all(read("packages/stage/src/settings.ts"), /tunnelHours: \{.*?standard: (\d+)/gs);
    expect(hours).toBe("8");
    expect(section).toContain("ends after eight hours");
  });
});

test("docs/scaling.md names the targets at which the services grow, and the write throttle", () => {
  const target = (file: string, name: RegExp) =>
    Number((name.exec(read(file))?.[1] ?? "").replaceAll("_", "")).toLocaleString("en");
  const page = read("docs/scaling.md");
  expect(page).toContain(`CPU over ${target("packages/stage/src/task-size.ts", /CPU_TARGET = ([\d_]+)/)} %`);
  expect(page).toContain(
    `more than ${target("packages/stage/src/task-size.ts", /REQUESTS_TARGET = ([\d_]+)/)} requests a minute`,
  );
  expect(page).toContain(`more than ${target("stacks/billing.ts", /BACKLOG_TARGET = ([\d_]+)/)} orders wait`);
  expect(page.replaceAll("\n", " ")).toContain(
    `allow ${THROTTLES.write.rate} orders and ${THROTTLES.list.rate} lists of movies a second`,
  );
});

test("docs/how/architecture.md has a row for each package and each folder of stacks", () => {
  const [, table = ""] = /^## Folders$(.*)/ms.exec(read("docs/how/architecture.md")) ?? [];
  const folders = globSync(["packages/*/package.json", "stacks/*/*.ts"], { cwd: ROOT }).map(dirname);
  const isOurs = (folder: string) => !folder.endsWith("node_modules");
  const known = [...new Set([...folders.filter(isOurs), "stacks", "patches"])].sort();
  expect(all(table, /^\| `([\w/]+)` +\|/gm).sort()).toEqual(known);
});

test.each([
  ["docs/how/add-a-field.md", 5, "five"],
  ["docs/how/add-a-route.md", 6, "six"],
])("%s names %i files to edit", (page, count, spelledOut) => {
  const text = read(page);
  const [, files = ""] = /^## Files$(.*?)^## /ms.exec(text) ?? [];
  expect(all(files, /^\| (?:a new file in )?`(.+?)` \|/gm)).toHaveLength(count);
  expect(frontmatterOf(text).description).toContain(`The ${spelledOut} files to edit`);
});

test("docs/decisions.md has a date for each decision", () => {
  const decisions = read("docs/decisions.md").split(/^## /m).slice(1);
  const isDated = (text: string) => /^.+\n\n- \*\*Date:\*\* \d{1,2} [A-Z][a-z]+ \d{4}\.\n/.test(text);
  expect(decisions.filter((text) => !isDated(text))).toEqual([]);
});

test("docs/questions.md counts the metrics with an alarm as docs/cost.md does", () => {
  const [, prod = ""] = /^\| Alarms .* (\d+) x metric [^|]*\|[^|]*\|$/m.exec(read("docs/cost.md")) ?? [];
  expect(read("docs/questions.md")).toContain(`In \`prod\`, ${prod} metrics have an alarm`);
});

test("the parts that docs/how/laptop.md weighs come to its sum, and README rounds that", () => {
  const laptop = read("docs/how/laptop.md");
  const parts = JSON.parse(/^ *bar (\[.*\])$/m.exec(laptop)?.[1] ?? "[]");
  const sum = parts.reduce((total: number, part: number) => total + part, 0);
  expect(laptop).toContain(`\n${sum} MB together`);
  expect(read("README.md")).toContain(`about ${Math.round(sum / 100) * 100} MB of memory`);
});

test("docs/questions.md has the size of the gateway's bundle as docs/how/telemetry.md measured it", () => {
  const [size = ""] = all(read("docs/how/telemetry.md"), /^\| with it, every trace kept +\| (\d+ KB) /gm);
  expect(size).not.toBe("");
  expect(read("docs/questions.md")).toContain(`[${size}](how/telemetry.md#cost)`);
});

test("the incident that docs/incidents/README.md shows is one for the status page", () => {
  const [example = ""] = all(read("docs/incidents/README.md"), /^```md\n(.*?)^```$/gms);
  expect(parseIncidents([{ name: "docs/incidents/2026-11-26-orders-late.md", text: example }])).toHaveLength(
    1,
  );
});
