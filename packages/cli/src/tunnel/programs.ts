import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { SetupError } from "@cloud-design/local/supervisor/part";

const ANSWER_SECONDS = 20; // the AWS CLI is slow at its first start
const CLI = "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html";
const PLUGIN =
  "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html";

/** Session Manager's protocol is spoken by programs of AWS: they must be installed before a task is started, which costs money. */
export async function checkPrograms(): Promise<void> {
  const version = await said(
    "aws",
    `A tunnel is opened by the AWS CLI, and there is no aws here: install it from ${CLI}.`,
  );
  if (/^aws-cli\/[01]\./.test(version)) {
    throw new SetupError(
      `A tunnel needs AWS CLI 2, and here is ${version.split(" ", 1)}: install it from ${CLI}.`,
    );
  }
  await said(
    "session-manager-plugin",
    `A tunnel needs the Session Manager plugin beside the AWS CLI: install it from ${PLUGIN} (macOS: brew install --cask session-manager-plugin).`,
  );
}

async function said(program: string, missing: string): Promise<string> {
  try {
    const timeout = ANSWER_SECONDS * 1_000;
    return (await promisify(execFile)(program, ["--version"], { timeout })).stdout;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") throw new SetupError(missing);
    throw new SetupError(`${program} --version fails: ${error instanceof Error ? error.message : error}`);
  }
}
