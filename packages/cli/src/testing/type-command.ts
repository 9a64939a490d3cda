import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { ROOT } from "@cloud-design/local/platform/settings";

export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command of the project without a terminal, with the stub as AWS account. */
export async function typeCommand(
  args: string[],
  awsUrl: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<Said> {
  const nowhere = join(tmpdir(), "no-aws-configuration");
  const cli = join(ROOT, "packages/cli/src/cli.ts");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", cli, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: awsUrl,
      AWS_ACCESS_KEY_ID: "nobody",
      AWS_SECRET_ACCESS_KEY: "nothing",
      AWS_CONFIG_FILE: nowhere,
      AWS_SHARED_CREDENTIALS_FILE: nowhere,
      ...environment,
    },
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, stdout, stderr };
}
