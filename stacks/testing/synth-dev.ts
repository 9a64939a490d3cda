/**
 * `node synth-dev.ts STAGE OUT`, in a root of SST: writes the templates that `sst dev` would deploy. SST itself writes them only to deploy them.
 */
const [stage, outDir] = process.argv.slice(2) as [string, string];

// By file path: SST exports neither.
const sst = new URL("../node_modules/sst/", import.meta.url);
const { initProject, useProject } = await import(new URL("project.js", sst).href);
await initProject({ stage, _: ["dev"] });
const { Stacks } = await import(new URL("stacks/index.js", sst).href);
const [, config] = await Stacks.load(useProject().paths.config);
await Stacks.synth({ fn: config.stacks, outDir, buildDir: `${outDir}/build`, mode: "dev" });
process.exit(0); // it watches files for ever
