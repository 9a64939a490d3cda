// Plain JavaScript for any Node from 18 on: it runs before any package is installed.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const STALE_LOCK_MINUTES = 10;
const SHOWN_LINES = 15;
const EVERYTHING = " everything";
const STACK_LINE = /^(npm error)?\s+at /;

/**
 * The packages that the laptop runs, with their dependencies. All the others, mostly SST and the tools of the tests, are more than twice as large.
 */
const LAPTOP = ["--prod", "--filter-prod", "@cloud-design/cli..."];

/** Commands that use the tools for tests or for AWS. The platform on a laptop does not need them. */
export const NEED_EVERYTHING = [
  "test",
  "check",
  "watch",
  "verify",
  "contract",
  "format",
  "rename",
  "preflight",
  "deploy",
  "remove",
  "left",
  "cost",
  "limits",
  "sst",
  "sleep",
  "wake",
  "tunnel",
  "sbom",
  "picture",
  "bench",
  "alarms",
];

/** Makes the pinned pnpm behave the same on every machine, whatever the user's own npm settings say. */
export const PNPM_ENVIRONMENT = {
  CI: "true", // no questions, because its output is hidden
  // PostgreSQL, Node 24 and pnpm itself are optional packages, one for each processor.
  npm_config_include: "optional",
  pnpm_config_optional: "true",
  // `allowBuilds` decides which packages run a script: only those that the platform itself runs a moment later.
  pnpm_config_ignore_scripts: "false",
  pnpm_config_pm_on_fail: "ignore", // pnpm must not look up its own version in the registry
};

/**
 * Installs the packages unless those of exactly this lockfile are there: all of them, or only those that the laptop runs. If two commands
 * install at once, the second waits.
 */
export async function installWhenNeeded(root, runChild, { everything }) {
  if (isInstalled(root, everything)) return;
  const modules = join(root, "node_modules");
  mkdirSync(modules, { recursive: true });
  const unlock = await takeLock(join(modules, ".cloud-design-lock"));
  try {
    // The process that held the lock may have installed them. Packages that were there stay, or the next test would begin with an installation.
    if (!isInstalled(root, everything)) await install(root, runChild, everything || hadEverything(root));
  } finally {
    unlock();
  }
}

async function install(root, runChild, everything) {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const args = [
    "--yes",
    packageManager.split("+")[0],
    "install",
    "--frozen-lockfile",
    ...(everything ? [] : LAPTOP),
  ];
  const options = {
    cwd: root,
    env: { ...process.env, ...PNPM_ENVIRONMENT },
    stdio: ["ignore", "pipe", "pipe"],
  };
  let output = "";
  const endProgress = showProgress("Installing packages");
  const code = await runChild("npx", args, options, (text) => {
    output += text;
  });
  endProgress();
  if (code !== 0) {
    const said = output.trim().split("\n");
    const lines = said.filter((line) => !STACK_LINE.test(line)).slice(-SHOWN_LINES);
    throw new Error(
      `The packages could not be installed:\n${lines.map((line) => `  ${line}`).join("\n")}\n` +
        "Fix the cause (often the network or a full disk), then run the same command again.",
    );
  }
  writeFileSync(stampFile(root), stampOf(root) + (everything ? EVERYTHING : ""));
}

function isInstalled(root, everything) {
  const stamp = readStamp(root);
  const wanted = stampOf(root);
  return stamp === wanted + EVERYTHING || (!everything && stamp === wanted);
}

function hadEverything(root) {
  return readStamp(root).endsWith(EVERYTHING);
}

function readStamp(root) {
  return existsSync(stampFile(root)) ? readFileSync(stampFile(root), "utf8") : "";
}

function stampFile(root) {
  return join(root, "node_modules/.cloud-design-installed");
}

/** Identifies the installed packages: the files that decide which they are. */
function stampOf(root) {
  const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}/package.json`);
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of [
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "package.json",
    "stacks/package.json",
    ...packages.sort(),
  ]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

/** Two installations at once would break each other, so the second waits for the first. */
async function takeLock(lock) {
  for (let waits = 0; ; waits++) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, "pid"), String(process.pid));
      return () => rmSync(lock, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (isStale(lock)) rmSync(lock, { recursive: true, force: true });
    else if (waits === 0) console.error("Waiting for another command that installs the packages.");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function isStale(lock) {
  try {
    // biome-ignore lint/plugin: files carry wall time; a lock whose owner is gone is stale at once anyway.
    if (Date.now() - statSync(lock).mtimeMs > STALE_LOCK_MINUTES * 60_000) return true;
    process.kill(Number(readFileSync(join(lock, "pid"), "utf8")), 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH"; // its owner is gone; a lock without a pid was created this moment
  }
}

/** One line with the elapsed time on a terminal, one plain line elsewhere; standard output belongs to the command. */
function showProgress(what) {
  const since = performance.now();
  const text = () => `${what} (${Math.round((performance.now() - since) / 1000)} s)`;
  if (!process.stderr.isTTY) console.error(`${what}; the first time takes a minute.`);
  const draw = () => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text()}`);
  const timer = setInterval(draw, 1000);
  draw();
  return () => {
    clearInterval(timer);
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    else console.error(text());
  };
}
