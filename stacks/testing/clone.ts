import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { text } from "node:stream/consumers";
import { siteDirectory } from "@cloud-design/site/site-directory";

const ROOT = join(import.meta.dirname, "../..");
/** A stand-in for Docker: it records its arguments, reads its input, and knows no image yet. */
const DOCKER = `#!/bin/sh
echo "$@" >> "$(dirname "$0")/docker.log"
case "$1" in login) cat > /dev/null ;; esac
[ "$1" != inspect ]
`;

export interface Typed {
  child: ChildProcess;
  /** The output at the end, and the exit code. */
  end: Promise<{ code: number; out: string; err: string }>;
}

export interface Clone extends AsyncDisposable {
  directory: string;
  /** Types a line in a shell, in a folder of the clone. */
  type(line: string, options?: { folder?: string; env?: NodeJS.ProcessEnv }): Typed;
  /** The calls of Docker so far. */
  dockerLog(): Promise<string>;
}

/**
 * A new clone of this work tree, in a folder whose name has a space and an accent, with its packages installed and with the pages that the set-up
 * has built from the same sources. From then on no package registry answers.
 */
export async function createClone(awsUrl: string): Promise<Clone> {
  const temporary = await mkdtemp(join(tmpdir(), "cloud-design-clone-"));
  const directory = join(temporary, "Boutique de cinéma", "cloud-design");
  const home = join(temporary, "home");
  const docker = join(temporary, "docker");
  await copyTree(directory);
  await cp(siteDirectory(), join(directory, relative(ROOT, siteDirectory())), { recursive: true });
  await mkdir(home);
  await writeFile(docker, DOCKER);
  await chmod(docker, 0o755);
  const start = (line: string, cwd: string, env: NodeJS.ProcessEnv) =>
    follow(spawn("bash", ["-c", line], { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true }));
  const installed = await start("npm run preflight -- --help", directory, machine()).end;
  if (installed.code !== 0) throw new Error(`The packages of the clone: ${installed.err}`);

  const account = {
    ...machine(),
    PATH: [...pnpmFolders(), process.env.PATH].join(delimiter),
    HOME: home,
    CDK_DOCKER: docker,
    AWS_ENDPOINT_URL: awsUrl,
    AWS_ACCESS_KEY_ID: "nobody",
    AWS_SECRET_ACCESS_KEY: "nothing",
    AWS_EC2_METADATA_DISABLED: "true",
    npm_config_registry: "http://127.0.0.1:9",
    npm_config_fetch_retries: "0",
  };
  return {
    directory,
    type: (line, { folder = ".", env } = {}) => start(line, join(directory, folder), { ...account, ...env }),
    dockerLog: () => readFile(join(temporary, "docker.log"), "utf8"),
    [Symbol.asyncDispose]: () => rm(temporary, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** The environment of a new machine: npm as installed, without the variables that a test sets for Node and the AWS SDK. */
function machine(): NodeJS.ProcessEnv {
  const npmrc = join(homedir(), ".npmrc");
  return {
    PATH: process.env.PATH,
    TMPDIR: tmpdir(),
    HOME: homedir(),
    LANG: "C.UTF-8",
    npm_config_cache: process.env.npm_config_cache ?? join(homedir(), ".npm"),
    npm_config_update_notifier: "false",
    ...(existsSync(npmrc) && { npm_config_userconfig: npmrc }),
  };
}

/** The folder of the pinned pnpm, for lines that begin with `pnpm`. */
function pnpmFolders(): string[] {
  return globSync(join(machine().npm_config_cache ?? "", "_npx/*/node_modules/.bin/pnpm")).map(dirname);
}

/** The files that git tracks, or would track. */
async function copyTree(to: string): Promise<void> {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", list, { cwd: ROOT, encoding: "utf8" }).split("\0");
  for (const file of files.filter((name) => name !== "" && existsSync(join(ROOT, name)))) {
    await mkdir(dirname(join(to, file)), { recursive: true });
    await copyFile(join(ROOT, file), join(to, file));
  }
}

function follow(child: ChildProcess): Typed {
  const end = async () => {
    const [out, err, [code]] = await Promise.all([
      child.stdout ? text(child.stdout) : "",
      child.stderr ? text(child.stderr) : "",
      once(child, "close"),
    ]);
    return { code: code ?? 1, out, err };
  };
  return { child, end: end() };
}
