import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { SetupError } from "@cloud-design/local/supervisor/part";
import type { StackEnvironment } from "@cloud-design/stage/environment";
import { servePreparedAccount } from "@cloud-design/stage/preflight/prepared-account";
import { INTERRUPTED, runSst, type StageArguments } from "../../sst.ts";
import { lastWords } from "./last-words.ts";

/**
 * Builds the stage's templates, functions and pages without a call to the account, with these settings beside the owner's. Resolves with their
 * folder, or with undefined after Ctrl-C.
 */
export async function buildStage(
  { stage, region, account = "" }: StageArguments,
  settings: Partial<Record<keyof StackEnvironment, string>> = {},
): Promise<string | undefined> {
  const directory = join(ROOT, ".sst", `deploy-${stage}`);
  const logFile = `${directory}.log`;
  rmSync(directory, { recursive: true, force: true });
  await using prepared = await servePreparedAccount(account);
  const code = await runSst(["build", "--stage", stage, "--region", region, "--to", directory], {
    logFile,
    env: {
      ...settings,
      AWS_ENDPOINT_URL: prepared.url,
      AWS_ACCESS_KEY_ID: "nobody",
      AWS_SECRET_ACCESS_KEY: "nothing",
      AWS_SESSION_TOKEN: "",
      // The SDK would take a profile before these keys, and ask the prepared account to sign it in.
      AWS_PROFILE: "",
    },
  });
  if (code === INTERRUPTED) return undefined;
  if (code === 0) return directory;
  throw new SetupError(`The stage cannot be built:\n${lastWords(readFileSync(logFile, "utf8"))}`);
}
