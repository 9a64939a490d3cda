import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NEED_EVERYTHING } from "@cloud-design/cli/bin/install";
import { ROOT } from "@cloud-design/local/platform/settings";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { expect, test } from "vitest";
import * as z from "zod";

/** The command and the process of each part. */
const PROCESSES = [
  "packages/cli/src/commands/start.ts",
  ...globSync(["packages/local/src/stand-ins/**/main.ts", "packages/containers/*/src/main.ts"], {
    cwd: ROOT,
  }),
].map((path) => `./${path}`);

/** Follows the project's own imports, and leaves those of other packages as they are. */
const ours: Plugin = {
  name: "ours",
  setup({ onResolve }) {
    onResolve({ filter: /^[^.]/ }, ({ path }) =>
      path.startsWith("@cloud-design/") ? undefined : { path, external: true },
    );
  },
};

const BUILD = {
  absWorkingDir: ROOT,
  outdir: "nowhere",
  write: false,
  metafile: true,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node24",
  plugins: [ours],
} satisfies BuildOptions;

test("no part of `npm start` needs the client, or the generator of the API's documents", async () => {
  const { metafile } = await build({ ...BUILD, entryPoints: PROCESSES });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
  expect(imports).toEqual(expect.arrayContaining(["hono", "packages/site/src/site-directory.ts"]));
  expect(imports.filter((path) => /packages\/(client|contract)\/|openapi/.test(path))).toEqual([]);
});

const Manifest = z.object({ dependencies: z.record(z.string(), z.string()).default({}) });

/** The workspace's package that a file belongs to, and its production dependencies. */
function dependenciesOf(file: string): string[] {
  const [folder] = /^(packages\/[^/]+|stacks)/.exec(file) ?? ["."];
  const { dependencies } = Manifest.parse(
    JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")),
  );
  return folder === "stacks" ? [] : Object.keys(dependencies); // a laptop installs no package of it
}

test("every command that needs the tools of tests or of AWS installs them first, also in a new clone", async () => {
  const commandOf = (file: string) =>
    file.split("/")[4]?.replace(/\.ts$/, "").replace("audit-deps", "audit:deps") ?? "";
  const entryPoints = globSync("packages/{cli,lab}/src/commands/{*,ops/*,ops/dlq/*}.ts", {
    cwd: ROOT,
  }).filter((file) => !file.endsWith(".test.ts") && !NEED_EVERYTHING.includes(commandOf(file)));
  const { metafile } = await build({ ...BUILD, entryPoints: entryPoints.map((file) => `./${file}`) });
  // A module that is loaded for another one is needed only then: `--stage` installs all packages.
  const reached = new Set<string>();
  const follow = (file: string) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { path, kind, external } of metafile.inputs[file]?.imports ?? []) {
      if (!external && kind !== "dynamic-import") follow(path);
    }
  };
  for (const file of entryPoints) follow(file);
  const missing = [...reached].flatMap((file) => {
    const has = dependenciesOf(file);
    return (metafile.inputs[file]?.imports ?? [])
      .filter(({ path, external }) => external && !/^(node:|<runtime>)/.test(path))
      .map(({ path }) => /^(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path)
      .filter((name) => !has.includes(name))
      .map((name) => `${file} needs ${name}`);
  });
  expect(reached.size).toBeGreaterThan(100);
  expect(missing).toEqual([]);
});
