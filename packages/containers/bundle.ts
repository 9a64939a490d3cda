// `node bundle.ts SERVICE FILE` writes one file with all that the service runs, so that its image needs no packages.
import { join } from "node:path";
import { build } from "esbuild";

const [service = "", outfile = ""] = process.argv.slice(2);

await build({
  entryPoints: [join(import.meta.dirname, service, "src/main.ts")],
  outfile,
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // What is written in CommonJS calls `require` for Node's own modules; a module has to make itself one.
  banner: {
    js: 'import { createRequire as createBundleRequire } from "node:module";\nconst require = createBundleRequire(import.meta.url);',
  },
  // Not minified: that saves a hundredth of a second at the start, and a stack trace keeps its names.
  logLevel: "warning",
});
