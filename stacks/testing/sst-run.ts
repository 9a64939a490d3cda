import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";

const ROOT = join(import.meta.dirname, "../..");
/** SST's own state, and local files that would change a deployment on the machine of a developer who has them. */
const STAYS_OUT = /^\.(git|local|sst|env)|^node_modules$/;

export interface SstRoot extends AsyncDisposable {
  directory: string;
  /** Runs `sst ...` there and returns all that it printed. Throws when it fails. */
  sst(args: string[], environment: NodeJS.ProcessEnv): Promise<string>;
  /** Runs a program of this project there likewise. */
  node(args: string[], environment: NodeJS.ProcessEnv): Promise<string>;
}

const SST = join(ROOT, "stacks/node_modules/sst/cli/sst.js");

/** The same files under another root, with a home directory of its own, so that a run leaves nothing behind. */
export async function createSstRoot(): Promise<SstRoot> {
  const directory = await mkdtemp(join(tmpdir(), "cloud-design-sst-"));
  for (const name of readdirSync(ROOT).filter((entry) => !STAYS_OUT.test(entry))) {
    await symlink(join(ROOT, name), join(directory, name));
  }
  // SST looks for its own packages from its working directory.
  await symlink(join(ROOT, "stacks/node_modules"), join(directory, "node_modules"));
  return {
    directory,
    sst: (args, environment) => node([SST, ...args], directory, environment),
    node: (args, environment) => node(args, directory, environment),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

/** Runs `sst build` of a stage against this stand-in for AWS. Returns the directory of the templates, below the root. */
export async function buildTemplates(
  root: SstRoot,
  stage: string,
  awsUrl: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<string> {
  const output = join(root.directory, "out");
  await root.sst(["build", "--stage", stage, "--to", output], { AWS_ENDPOINT_URL: awsUrl, ...environment });
  return output;
}

async function node(args: string[], cwd: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      HOME: cwd,
      TMPDIR: cwd,
      AWS_ACCESS_KEY_ID: "nobody",
      AWS_SECRET_ACCESS_KEY: "nothing",
      AWS_EC2_METADATA_DISABLED: "true",
      SST_TELEMETRY_DISABLED: "1",
      CI: "1",
      NO_COLOR: "1",
      ...environment,
    },
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code} and said:\n${stdout}\n${stderr}`);
  return stdout;
}
