import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import { parseFlags } from "../flags.ts";
import { SetupError } from "../part.ts";
import { localDirectory, ROOT } from "../settings.ts";
import { parseJson, type SmokeTest, smokeTest } from "../smoke.ts";
import { runningPlatform } from "../supervisor/platform-file.ts";
import { accessToken } from "./token.ts";

const HELP = `npm run smoke -- [FLAG...]
  --stage NAME  the stage that was deployed last from this folder; without it the platform of npm start`;
/** A new task takes its database and broker within seconds; RDS Proxy may take a minute. */
const PATIENCE_SECONDS = 90;

type Subject = Pick<SmokeTest, "siteUrl" | "token">;

/** Places one order of a cent and waits until it is recorded: on AWS after a deployment, on the laptop after a change of this command. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseFlags("smoke", args, {
    stage: { type: "string" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const subject = values.stage === undefined ? laptop() : deployed(String(values.stage), ROOT);
  await smokeTest({
    ...subject,
    patienceSeconds: PATIENCE_SECONDS,
    report: (done) => console.log(`✔ ${done}`),
  });
  return 0;
}

function laptop(): Subject {
  const { parts } = runningPlatform(localDirectory());
  const identityUrl = parts.identity?.url ?? "";
  return {
    siteUrl: parts.site?.url ?? "",
    token: async () => (await accessToken({ identityUrl, user: "machine" })).accessToken,
  };
}

const Outputs = z.record(z.string(), z.record(z.string(), z.string()));
const StageOutputs = z.object({ SiteUrl: z.url(), TokenCommand: z.string() });
const Token = z.object({ access_token: z.string() });

/** What SST wrote down after it had deployed the stage. */
export function deployed(stage: string, root: string): Subject {
  const path = join(root, ".sst/outputs.json");
  const outputs = existsSync(path) ? Outputs.parse(JSON.parse(readFileSync(path, "utf8"))) : {};
  const ofStage = Object.entries(outputs).filter(([stack]) => stack.startsWith(`${stage}-cloud-design-`));
  const parsed = StageOutputs.safeParse(Object.assign({}, ...ofStage.map(([, values]) => values)));
  if (!parsed.success) {
    throw new SetupError(
      `${path} knows no whole stage ${stage}: run \`npm run deploy -- --stage ${stage}\` first.`,
    );
  }
  const { SiteUrl: siteUrl, TokenCommand: command } = parsed.data;
  return { siteUrl, token: () => tokenBy(command) };
}

/** Types the very line that the deployment prints for people. */
async function tokenBy(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)("bash", ["-c", command]).catch(
    (error: { stderr?: string }) => {
      throw new SetupError(`The TokenCommand of the deployment fails: ${error.stderr?.trim() ?? error}`);
    },
  );
  const answer = Token.safeParse(parseJson(stdout));
  if (answer.success) return answer.data.access_token;
  throw new SetupError(`The TokenCommand of the deployment prints no token, but ${stdout.trim()}`);
}
