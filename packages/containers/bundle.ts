// `node bundle.ts SERVICE FILE` writes the whole service into one file, so that its image needs no packages.
import { join } from "node:path";
import type { BuildOptions } from "esbuild";

/** One file with everything that a process of ours runs. */
export const BUNDLE = {
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // CommonJS code calls `require` for Node's own modules; an ES module has to create that function.
  banner: {
    js: 'import { createRequire as createBundleRequire } from "node:module";\nconst require = createBundleRequire(import.meta.url);',
  },
  // Not minified: minifying saves only 10 ms at the start, and stack traces would lose their names.
  logLevel: "warning",
} satisfies BuildOptions;

if (import.meta.main) {
  // Here, because the platform on a laptop imports this file for the options, and has a bundler of its own.
  const { build } = await import("esbuild");
  const [service = "", outfile = ""] = process.argv.slice(2);
  await build({ ...BUNDLE, entryPoints: [join(import.meta.dirname, service, "src/main.ts")], outfile });
}
