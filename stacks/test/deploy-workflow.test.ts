import { describe, expect, it } from "vitest";
import { workflowOf } from "../testing/workflow.ts";
import { type JobRun, runJob } from "../testing/workflow-run.ts";

const SHA = "1".repeat(40);
const PREVIOUS = "2".repeat(40);
const DEPLOY = "npm run deploy -- --stage dev --region us-east-1 --yes";
const SMOKE = "npm run smoke -- --stage dev";
const READ =
  "aws ssm get-parameters --names /cloud-design/dev/revision --query Parameters[0].Value --output text";
const NOTE = `aws ssm put-parameter --name /cloud-design/dev/revision --value ${SHA} --overwrite`;
/** Installs the packages; this step has no credentials yet. */
const INSTALL = "npm run deploy -- --help";
const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "id",
  AWS_SECRET_ACCESS_KEY: "key",
  AWS_SESSION_TOKEN: "session",
};
/** The variables by which GitHub lets a job request its token for a role. */
const MINT = {
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: "token",
  ACTIONS_ID_TOKEN_REQUEST_URL: "https://github.example",
};
const CHECKOUT = `git checkout --force --detach ${PREVIOUS}`;
/** All at once: the revision is known to be good, and callers are waiting for it. */
const DEPLOY_AGAIN = `ROLLOUT=ALL_AT_ONCE ${DEPLOY}`;

/** Records its call, and exits with the codes of its lines, one after the other. */
const NOTES_AND_ENDS = `
echo "\${ROLLOUT:+ROLLOUT=$ROLLOUT }$(basename "$0") $*" >> "$CALLS"
case "$*" in *--help) env | grep -E '^(AWS_|ACTIONS_)' | grep -v AWS_REGION >> "$CALLS"; exit 0 ;; esac
ends() {
  times=$(grep -cF "$1" "$CALLS")
  exit "$(echo "$2" | cut -d " " -f "$times")"
}
`;

interface Scenario {
  /** The value of the stage's parameter. */
  noted?: string;
  /** The exit codes of the first and the second call. */
  read?: string;
  deploy?: string;
  smoke?: string;
  checkout?: string;
  note?: string;
}

function job({
  noted = PREVIOUS,
  read = "0",
  deploy = "0 0",
  smoke = "0 0",
  checkout = "0",
  note = "0",
}: Scenario): JobRun {
  const programs = {
    npm: `${NOTES_AND_ENDS}\ncase "$2" in deploy) ends "npm run deploy -- --stage" "${deploy}" ;; smoke) ends "npm run smoke" "${smoke}" ;; esac`,
    git: `${NOTES_AND_ENDS}\nends "git " "${checkout}"`,
    aws: `${NOTES_AND_ENDS}\ncase "$2" in get-parameters) echo "${noted}"; ends "get-parameters" "${read}" ;; *) ends "put-parameter" "${note}" ;; esac`,
  };
  const env = { STAGE: "dev", AWS_REGION: "us-east-1", GITHUB_SHA: SHA, ...MINT };
  return runJob(workflowOf("deploy.yml").jobs.deploy?.steps ?? [], {
    programs,
    env,
    credentials: CREDENTIALS,
  });
}

describe("a deployment from GitHub", () => {
  it("notes the revision when the smoke test passes, and writes no summary", () => {
    expect(job({})).toEqual({ isSuccessful: true, summary: "", calls: [INSTALL, READ, DEPLOY, SMOKE, NOTE] });
  });

  it("goes back to the revision before when the smoke test fails, and fails all the same", () => {
    const { isSuccessful, summary, calls } = job({ smoke: "1 0" });
    expect(calls).toEqual([INSTALL, READ, DEPLOY, SMOKE, CHECKOUT, INSTALL, DEPLOY_AGAIN, SMOKE]);
    expect(isSuccessful).toBe(false);
    expect(summary).toContain(`the smoke test failed after ${SHA} was deployed`);
    expect(summary).toContain(`The stage is back at ${PREVIOUS}`);
    expect(summary).toContain("A migration that has run stays");
  });

  it.each(["none", "None"])("says that a first deployment (%s) has no revision to go back to", (noted) => {
    const { isSuccessful, summary, calls } = job({ noted, smoke: "1" });
    expect(calls).toEqual([INSTALL, READ, DEPLOY, SMOKE]);
    expect(isSuccessful).toBe(false);
    expect(summary).toContain("There is no revision to go back to");
  });

  it("does not go back to itself", () => {
    const { isSuccessful, summary, calls } = job({ noted: SHA, smoke: "1" });
    expect(calls).toEqual([INSTALL, READ, DEPLOY, SMOKE]);
    expect(isSuccessful).toBe(false);
    expect(summary).toContain("There is nothing to go back to");
  });

  it.each<[string, Scenario, string[]]>([
    ["is no longer in the repository", { checkout: "128" }, [CHECKOUT]],
    ["cannot be deployed", { deploy: "0 1" }, [CHECKOUT, INSTALL, DEPLOY_AGAIN]],
    ["fails the smoke test too", { smoke: "1 1" }, [CHECKOUT, INSTALL, DEPLOY_AGAIN, SMOKE]],
  ])("asks for an operator when the revision before %s", (_, scenario, more) => {
    const { isSuccessful, summary, calls } = job({ smoke: "1 0", ...scenario });
    expect(calls).toEqual([INSTALL, READ, DEPLOY, SMOKE, ...more]);
    expect(isSuccessful).toBe(false);
    expect(summary).toContain(`Going back to ${PREVIOUS} failed too`);
    expect(summary).not.toContain("The stage is back");
  });

  it("leaves a failed deployment to CloudFormation's own rollback", () => {
    const { isSuccessful, summary, calls } = job({ deploy: "1" });
    expect(calls).toEqual([INSTALL, READ, DEPLOY]);
    expect(isSuccessful).toBe(false);
    expect(summary).toContain(`${SHA} is not wholly deployed`);
  });

  it("deploys nothing while it does not know the revision to go back to", () => {
    const { isSuccessful, summary, calls } = job({ read: "254" });
    expect(calls).toEqual([INSTALL, READ]);
    expect(isSuccessful).toBe(false);
    expect(summary).toContain("nothing was deployed");
  });

  it("does not go back because a note failed", () => {
    const { isSuccessful, summary, calls } = job({ note: "254" });
    expect(calls).toEqual([INSTALL, READ, DEPLOY, SMOKE, NOTE]);
    expect(isSuccessful).toBe(false);
    expect(summary).toContain("Only the note of it failed");
  });
});
