/** The packages that each package may import. Dependencies point inward: from what a person types to the nouns in core. */
const MAY_IMPORT = {
  core: [],
  http: ["core"],
  telemetry: ["core"],
  status: ["core"],
  client: [],
  functions: ["core", "http", "telemetry", "status"],
  containers: ["core", "http", "telemetry", "status"],
  contract: ["core", "http", "functions", "client"],
  site: ["contract", "status"],
  traces: ["core"],
  cloudwatch: ["core"],
  stage: ["core"],
  local: ["core", "http", "telemetry", "status", "functions", "containers", "site", "stage", "traces"],
  lab: ["core", "http", "functions", "containers", "local", "cloudwatch", "stage", "stacks"],
  cli: ["core", "functions", "telemetry", "status", "contract", "local", "traces", "stage", "lab", "stacks"],
};
/** Folder of its own beside the packages. */
const STACKS = [
  "core",
  "http",
  "telemetry",
  "status",
  "functions",
  "containers",
  "contract",
  "site",
  "stage",
  "cloudwatch",
];

/** Why a package may not import the others: what to do instead. */
const INSTEAD = {
  core: "core depends on nothing of ours. Move the code to the package that needs both.",
  http: "http translates core for one transport. Move the code to functions or containers.",
  telemetry: "telemetry knows core alone. Take what you need as an argument.",
  status: "The status page must work when the platform does not. Take what it shows as an argument.",
  client: "The client is generated and stands alone: it is given to others.",
  functions: "Functions speak to services over HTTP and queues, and know neither the laptop nor a stage.",
  containers: "Services know neither their callers nor the laptop: they serve HTTP and queues.",
  contract: "The documents are written from schemas. Move the schema to the package whose noun it is.",
  site: "The site shows documents and pages. Move the code to contract or status.",
  traces: "traces knows spans and core alone. Take what you need as an argument.",
  cloudwatch: "These are pure functions. Read templates and recordings in their callers.",
  stage: "stage asks AWS and knows no stack. Move constants that a stack needs as well into stage.",
  local:
    "local runs the product. Commands belong to cli, faults to lab, tests of several packages to testing.",
  lab: "Nothing that ships depends on lab, and lab knows no command. Move a shared piece down into local.",
  cli: "cli is what a person types. Move the code that others need down into local, traces or stage.",
};

const TESTS = String.raw`\.test\.ts$|/testing/`;

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "no-circle",
      comment:
        "Modules that import each other can only be read together, types included. Move what both need into a third one.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment:
        "The import leads nowhere. Name a file, a package of package.json, or one of the package's exports.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^(aws-lambda|sst|astro:content)$" },
    },
    {
      name: "by-doors",
      comment: "Import another package by its name and one of its exports, not by its path.",
      severity: "error",
      from: { path: "^(packages/[^/]+|stacks)/" },
      to: { path: "^(packages|stacks)/", pathNot: "^$1/", dependencyTypes: ["local"] },
    },
    ...Object.entries(MAY_IMPORT).map(([name, others]) => ({
      name: `${name}-imports`,
      comment: INSTEAD[name],
      severity: "error",
      from: { path: `^packages/${name}/` },
      to: { path: "^(packages|stacks)/", pathNot: roomsOf([name, ...others]) },
    })),
    {
      name: "stacks-imports",
      comment: "Stacks describe machines. What the laptop runs, or a person types, is no part of a template.",
      severity: "error",
      from: { path: "^stacks/" },
      to: { path: "^packages/", pathNot: roomsOf(STACKS) },
    },
    {
      name: "nobody-imports-testing",
      comment:
        "packages/testing may import everything, so nothing may import it. Move the helper to the package that it helps to test.",
      severity: "error",
      from: { pathNot: "^packages/testing/" },
      to: { path: "^packages/testing/" },
    },
    {
      name: "no-tests-in-the-product",
      comment: "Code that runs must not need what tests bring along. Move it out of the folder testing.",
      severity: "error",
      from: { path: "^(packages|stacks)/", pathNot: `${TESTS}|^stacks/test/|^packages/(testing|lab)/` },
      to: { path: TESTS },
    },
    {
      name: "commands-load-late",
      comment: "A command that does not need lab or stacks must not wait for them: load them with import().",
      severity: "error",
      from: { path: "^packages/cli/", pathNot: TESTS },
      to: { path: "^(packages/lab|stacks)/", dependencyTypesNot: ["dynamic-import"] },
    },
    {
      name: "core-has-no-transport",
      comment:
        "core knows no HTTP, no Lambda and, but for aws.ts, no AWS. Take what you need as an argument, and translate in http, functions or containers.",
      severity: "error",
      from: { path: "^packages/core/", pathNot: `${TESTS}|^packages/core/src/aws\\.ts$` },
      to: { path: "^https?$|node_modules/(hono|@hono|@aws-sdk)/|^aws-lambda$" },
    },
    {
      name: "inventory-knows-no-billing",
      comment: "Inventory and billing know nothing of each other. Put what both need beside them.",
      severity: "error",
      from: { path: "^packages/(core/src|containers)/inventory/" },
      to: { path: "^packages/(core/src|containers)/billing/" },
    },
    {
      name: "billing-knows-no-inventory",
      comment: "Inventory and billing know nothing of each other. Put what both need beside them.",
      severity: "error",
      from: { path: "^packages/(core/src|containers)/billing/" },
      to: { path: "^packages/(core/src|containers)/inventory/" },
    },
    {
      name: "functions-have-no-database",
      comment:
        "Functions have no database, but for the two that work as its administrator and the loader, which is a part of inventory. Ask the service that owns the table.",
      severity: "error",
      from: {
        path: "^packages/functions/src/",
        pathNot: `${TESTS}|^packages/functions/src/(import-loader|migrate|personal-data)/`,
      },
      to: {
        path: String.raw`^packages/core/src/(database|pool|migrate)\.ts$|node_modules/(postgres|drizzle-orm)/`,
      },
    },
    {
      name: "one-function-imports-no-other",
      comment: "Each function is deployed by itself. Put what several need into functions/src/shared.",
      severity: "error",
      from: { path: "^packages/functions/src/([^/]+)/", pathNot: TESTS },
      to: { path: "^packages/functions/src/([^/]+)/", pathNot: "^packages/functions/src/($1|shared)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: String.raw`^packages/[^/]+/dist/|\.d\.m?ts$` },
    parser: "tsc",
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "default"],
      extensions: [".ts", ".mjs", ".js", ".json"],
    },
  },
};

function roomsOf(names) {
  const packages = names.filter((name) => name !== "stacks").join("|");
  return `^packages/(${packages})/${names.includes("stacks") ? "|^stacks/" : ""}`;
}
