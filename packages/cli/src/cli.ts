import { explain } from "@cloud-design/local/supervisor/errors";
import { type Command, dispatch } from "./dispatch.ts";

const COMMANDS: Record<string, Command> = {
  start: {
    usage: "npm start",
    about: "runs the whole platform until Ctrl-C",
    load: () => import("./commands/start.ts"),
  },
  test: {
    usage: "npm test",
    about: "checks everything on ports of its own",
    load: () => import("./commands/test.ts"),
  },
  check: {
    usage: "npm run check",
    about: "checks format, types, imports and what is unused, in some seconds",
    load: () => import("./commands/check.ts"),
  },
  watch: {
    usage: "npm run watch",
    about: "repeats the unit tests that a change touches",
    load: () => import("./commands/watch.ts"),
  },
  verify: {
    usage: "npm run verify [-- PART...]",
    about: "is what CI runs: check, and each kind of tests",
    load: () => import("./commands/verify.ts"),
  },
  ops: {
    usage: "npm run ops -- ...",
    about: "looks at the parts, stops and starts them",
    load: () => import("./commands/ops.ts"),
  },
  token: {
    usage: "npm run -s token [-- USER]",
    about: "prints an access token; with --stage NAME of a stage's machine",
    load: () => import("./commands/token.ts"),
  },
  chaos: {
    usage: "npm run chaos [-- FAULT...]",
    about: "breaks a platform of its own, and says which promises held",
    load: () => import("@cloud-design/lab/commands/chaos"),
  },
  alarms: {
    usage: "npm run alarms [-- FAULT...]",
    about: "breaks a platform of its own, and says which alarms ring",
    load: () => import("@cloud-design/lab/commands/alarms"),
  },
  seed: {
    usage: "npm run seed [-- --all]",
    about: "loads 800 demo films into an empty store, or all 3,201; with --stage NAME on a stage",
    load: () => import("./commands/seed.ts"),
  },
  contract: {
    usage: "npm run contract",
    about: "writes the API's documents, and the clients made from them",
    load: () => import("./commands/contract.ts"),
  },
  picture: {
    usage: "npm run picture",
    about: "makes the picture of the live view, on a platform of its own",
    load: () => import("@cloud-design/lab/commands/picture"),
  },
  rename: {
    usage: "npm run rename -- NAME",
    about: "gives the product another name, everywhere",
    load: () => import("./commands/rename.ts"),
  },
  format: {
    usage: "npm run format",
    about: "formats the code and mends what the linter can",
    load: () => import("./commands/format.ts"),
  },
  preflight: {
    usage: "npm run preflight -- --stage NAME",
    about: "checks what a deployment needs, and makes nothing",
    load: () => import("./commands/preflight.ts"),
  },
  deploy: {
    usage: "npm run deploy -- --stage NAME",
    about: "creates or updates a stage on AWS",
    load: () => import("./commands/deploy.ts"),
  },
  remove: {
    usage: "npm run remove -- --stage NAME",
    about: "shows what goes and what stays, and removes a stage",
    load: () => import("./commands/remove.ts"),
  },
  left: {
    usage: "npm run left -- --stage NAME",
    about: "says what AWS still has of a stage, and what that costs",
    load: () => import("./commands/left.ts"),
  },
  tunnel: {
    usage: "npm run tunnel -- --stage NAME",
    about: "opens ways to the services, databases and broker of a stage, until Ctrl-C",
    load: () => import("./commands/tunnel.ts"),
  },
  sst: {
    usage: "npm run sst -- ...",
    about: "is SST itself: build, diff, deploy, ...",
    load: () => import("./commands/sst.ts"),
  },
  cost: {
    usage: "npm run cost [-- --stage NAME]",
    about: "says what a stage costs in a month",
    load: () => import("./commands/cost.ts"),
  },
  sbom: {
    usage: "npm run sbom",
    about: "writes which packages of others are in it, as CycloneDX",
    load: () => import("./commands/sbom.ts"),
  },
  "audit:deps": {
    usage: "npm run audit:deps",
    about: "asks the registry what is known against those packages",
    load: () => import("./commands/audit-deps.ts"),
  },
  bench: {
    usage: "npm run bench",
    about: "measures what telemetry costs the gateway",
    load: () => import("@cloud-design/lab/commands/bench"),
  },
  smoke: {
    usage: "npm run smoke [-- --stage NAME]",
    about: "asks a deployed stage, or the running platform, for one order",
    load: () => import("./commands/smoke.ts"),
  },
  reclaim: {
    usage: "node packages/cli/bin/run.mjs reclaim",
    about: "stops what a killed start left running",
    load: () => import("./commands/reclaim.ts"),
  },
};

process.stdout.on("error", () => {}); // a reader that left, as `head` does, is no failure of ours

try {
  const code = await dispatch(COMMANDS, process.argv.slice(2));
  // A pipe takes 64 KB at once; what it has not taken yet would be lost with the process.
  await new Promise((written) => process.stdout.write("", written));
  process.exit(code);
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
