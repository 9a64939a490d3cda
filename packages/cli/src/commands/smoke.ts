import { localDirectory } from "@cloud-design/local/platform/settings";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import { HELP_FLAG, parseFlags, printHelp } from "@cloud-design/local/supervisor/flags";
import { runningPlatform } from "@cloud-design/local/supervisor/platform-file";
import { type Subject, smokeTest } from "../smoke.ts";
import { namedStage, STAGE_FLAGS } from "../stage/flags.ts";

const HELP = `npm run smoke -- [FLAG...]
  --stage NAME    a stage on AWS; without it the platform of npm start
  --region NAME   where it is, default AWS_REGION or us-east-1
  --profile NAME  of the AWS configuration, default AWS_PROFILE`;
/** A new task connects to its database and broker within seconds; RDS Proxy may take a minute. */
const PATIENCE_SECONDS = 90;

/** Places one order of a cent and waits until it is recorded: on AWS after a deployment, on the laptop after a change to this command. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseFlags("npm run smoke", args, {
    ...STAGE_FLAGS,
    ...HELP_FLAG,
  });
  if (values.help) return printHelp(HELP);
  const stage = namedStage(values);
  const subject = stage ? await (await import("../stage/subject.ts")).subjectOf(stage) : laptop();
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
    token: async () => (await accessToken({ identityUrl, user: "smoke" })).accessToken,
  };
}
