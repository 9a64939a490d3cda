import { globSync } from "node:fs";
import { build, type Plugin } from "esbuild";
import { expect, test } from "vitest";
import { ROOT } from "../settings.ts";

/** The command and the process of each part. */
const PROCESSES = [
  "packages/local/src/commands/start.ts",
  ...globSync(["packages/local/src/*/main.ts", "packages/containers/*/src/main.ts"], { cwd: ROOT }),
].map((path) => `./${path}`);

/** Follows our own imports, and leaves those of other packages as they are. */
const ours: Plugin = {
  name: "ours",
  setup({ onResolve }) {
    onResolve({ filter: /^[^.]/ }, ({ path }) =>
      path.startsWith("@cloud-design/") ? undefined : { path, external: true },
    );
  },
};

test("nothing that `npm start` runs needs the client, or what writes the API's documents", async () => {
  const { metafile } = await build({
    entryPoints: PROCESSES,
    absWorkingDir: ROOT,
    outdir: "nowhere",
    write: false,
    metafile: true,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    plugins: [ours],
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
  expect(imports).toEqual(expect.arrayContaining(["hono", "packages/site/src/site-directory.ts"]));
  expect(imports.filter((path) => /packages\/client\/|site\/src\/contract\/|openapi/.test(path))).toEqual([]);
});
