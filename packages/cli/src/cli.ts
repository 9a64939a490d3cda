import { exit } from "@cloud-design/core/exit";
import { explain } from "@cloud-design/local/supervisor/errors";
import { type Command, dispatch } from "./dispatch.ts";

const COMMANDS: Record<string, Command> = {
  start: {
    usage: "npm start",
    about: "runs the whole platform until Ctrl-C",
    takesStamp: true,
    load: () => import("./commands/start.ts"),
  },
  test: {
    usage: "npm test",
    about: "checks everything on ports of its own",
    load: () => import("./commands/test.ts"),
  },
  check: {
    usage: "npm run check",
    about: "checks format, types, imports and unused code, in some seconds",
    load: () => import("./commands/check.ts"),
  },
  watch: {
    usage: "npm run watch",
    about: "repeats the unit tests that a change touches",
    load: () => import("./commands/watch.ts"),
  },
  verify: {
    usage: "npm run verify [-- PART...]",
    about: "runs what CI runs: check, and each kind of tests",
    load: () => import("./commands/verify.ts"),
  },
  ops: {
    usage: "npm run ops -- ...",
    about: "looks at the parts, stops and starts them",
    takesStamp: true,
    load: () => import("./commands/ops.ts"),
  },
  token: {
    usage: "npm run -s token [-- USER]",
    about: "prints an access token; with --stage NAME for a stage's machine client",
    takesStamp: true,
    load: () => import("./commands/token.ts"),
  },
  chaos: {
    usage: "npm run chaos [-- FAULT...]",
    about: "breaks a platform of its own, and reports which promises held",
    load: () => import("@cloud-design/lab/commands/chaos"),
  },
  alarms: {
    usage: "npm run alarms [-- FAULT...]",
    about: "breaks a platform of its own, and reports which alarms ring",
    load: () => import("@cloud-design/lab/commands/alarms"),
  },
  load: {
    usage: "npm run load [-- SCENARIO...]",
    about: "loads the running platform, or with --stage NAME a stage, and reports waits, failures and orders",
    takesStamp: true,
    load: () => import("./commands/load.ts"),
  },
  seed: {
    usage: "npm run seed [-- --all]",
    about: "loads 800 demo films into an empty store, or all 3,201; with --stage NAME on a stage",
    takesStamp: true,
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
    about: "formats the code and fixes what the linter can",
    load: () => import("./commands/format.ts"),
  },
  preflight: {
    usage: "npm run preflight -- --stage NAME",
    about: "checks what a deployment needs, and creates nothing",
    load: () => import("./commands/preflight.ts"),
  },
  deploy: {
    usage: "npm run deploy -- --stage NAME",
    about: "creates or updates a stage on AWS",
    load: () => import("./commands/deploy.ts"),
  },
  remove: {
    usage: "npm run remove -- --stage NAME",
    about: "shows what is deleted and what stays, and removes a stage",
    load: () => import("./commands/remove.ts"),
  },
  left: {
    usage: "npm run left -- --stage NAME",
    about: "lists what AWS still has of a stage, and what that costs",
    load: () => import("./commands/left.ts"),
  },
  sleep: {
    usage: "npm run sleep -- --stage NAME",
    about: "stops what a stage can be without, shows what it then costs, and keeps its data",
    load: () => import("./commands/sleep.ts"),
  },
  wake: {
    usage: "npm run wake -- --stage NAME",
    about: "starts it again, and ends with the smoke test",
    load: () => import("./commands/wake.ts"),
  },
  tunnel: {
    usage: "npm run tunnel -- --stage NAME",
    about: "forwards ports to the services, databases and broker of a stage, until Ctrl-C",
    load: () => import("./commands/tunnel.ts"),
  },
  sst: {
    usage: "npm run sst -- ...",
    about: "runs SST itself: build, diff, deploy, ...",
    load: () => import("./commands/sst.ts"),
  },
  cost: {
    usage: "npm run cost [-- FLAG...]",
    about: "computes what each preset costs in a month from the templates, or asks AWS what a stage has cost",
    load: () => import("./commands/cost.ts"),
  },
  limits: {
    usage: "npm run limits [-- FLAG...]",
    about: "counts how much each hop of a stage takes, and which of them breaks first",
    load: () => import("@cloud-design/lab/commands/limits"),
  },
  sbom: {
    usage: "npm run sbom",
    about: "lists the third-party packages that it runs, as CycloneDX",
    load: () => import("./commands/sbom.ts"),
  },
  "audit:deps": {
    usage: "npm run audit:deps",
    about: "asks the registry for known vulnerabilities of those packages",
    load: () => import("./commands/audit-deps.ts"),
  },
  bench: {
    usage: "npm run bench [-- PART...]",
    about: "measures speed and size beside bare counterparts, in turns",
    load: () => import("@cloud-design/lab/commands/bench"),
  },
  smoke: {
    usage: "npm run smoke [-- --stage NAME]",
    about: "places one order on a deployed stage, or on the running platform",
    takesStamp: true,
    load: () => import("./commands/smoke.ts"),
  },
  reclaim: {
    usage: "node packages/cli/bin/run.mjs reclaim",
    about: "stops the parts that a killed start left running",
    takesStamp: true,
    load: () => import("./commands/reclaim.ts"),
  },
};

process.stdout.on("error", () => {}); // a reader that ends early, as `head` does, must not fail the command

try {
  const code = await dispatch(COMMANDS, process.argv.slice(2));
  // A pipe takes 64 KB at once; the rest would be lost if the process exited now.
  await new Promise((written) => process.stdout.write("", written));
  exit(code);
} catch (error) {
  console.error(explain(error));
  exit(1);
}
