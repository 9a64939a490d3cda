import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { revisionParameter } from "@cloud-design/stage/names";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { FOLDER, workflowOf } from "../testing/workflow.ts";

const ROOT = join(import.meta.dirname, "../..");

const expression = (text: string) => ["${{", text, "}}"].join(" ");
const STAGE = expression("inputs.stage || vars.DEPLOY_MAIN_TO");

const Projects = z.array(z.object({ test: z.object({ name: z.string() }) }));

const NAMES = ["audit.yml", "ci.yml", "cost.yml", "deploy.yml"];
const textOf = (name: string) => readFileSync(join(FOLDER, name), "utf8");
const stepsOf = (name: string) => Object.values(workflowOf(name).jobs).flatMap(({ steps }) => steps);
const commandsOf = (name: string) => stepsOf(name).flatMap(({ run }) => run ?? []);

it("there are four workflows, and each is checked here", () => {
  expect(readdirSync(FOLDER).sort()).toEqual(NAMES);
});

describe.each(NAMES)("%s", (name) => {
  it("pins each action by its commit, with its version in a comment", () => {
    const lines = textOf(name).split("\n");
    const external = lines.filter((line) => /^\s*(- )?uses: (?!\.\/)/.test(line));
    expect(external.length).toBeGreaterThan(0);
    for (const line of external) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("leaves no GitHub token in the checkout", () => {
    const checkouts = stepsOf(name).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts.length).toBeGreaterThan(0);
    for (const { with: inputs } of checkouts) expect(inputs["persist-credentials"]).toBe(false);
  });

  it("never puts an input into the text of a command", () => {
    for (const command of commandsOf(name)) expect(command).not.toContain("${{");
  });

  it("ends by itself", () => {
    for (const job of Object.values(workflowOf(name).jobs)) {
      if (job.uses === undefined) expect(job["timeout-minutes"]).toBeGreaterThan(0);
    }
  });
});

describe("audit.yml", () => {
  const { on, permissions } = workflowOf("audit.yml");
  const [install = "", audit = "", advice = "", ...more] = commandsOf("audit.yml");

  it("may only read the code, also for a stranger's pull request", () => {
    expect(permissions).toEqual({ contents: "read" });
    for (const job of Object.values(workflowOf("audit.yml").jobs)) expect(job.permissions).toBeUndefined();
  });

  it("runs for each pull request, each week, and by hand", () => {
    expect(Object.keys(on).sort()).toEqual(["pull_request", "schedule", "workflow_dispatch"]);
    expect(on.schedule).toEqual([{ cron: expect.stringMatching(/^\d+ \d+ \* \* [0-6]$/) }]);
  });

  it("runs the command of CONTRIBUTING.md, and its message names existing headings", () => {
    expect(more).toEqual([]);
    expect(install).toBe("npm run audit:deps -- --help");
    const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
    expect(read("CONTRIBUTING.md")).toContain("`npm run audit:deps`");
    expect(read("CONTRIBUTING.md")).toContain("| take another package ");
    const [, heading] = /docs\/security\.md, "([^"]+)"/.exec(advice) ?? [];
    expect(read("docs/security.md")).toContain(`\n## ${heading}\n`);
    expect(spawnSync("bash", ["-n", "-c", advice]).status).toBe(0);
  });

  it.each([
    ["pull_request", 0, 0, false],
    ["pull_request", 1, 1, false],
    ["pull_request", 2, 0, true],
    ["schedule", 0, 0, false],
    ["schedule", 1, 1, false],
    ["schedule", 2, 2, false],
    ["workflow_dispatch", 2, 2, false],
  ])("of a %s, when npm ends with %i, ends with %i (a warning: %s)", (event, answer, code, warns) => {
    const { status, stdout } = typeAsGitHub(audit, { event, answer });
    expect(status).toBe(code);
    expect(stdout.includes("npm run audit:deps\n")).toBe(true);
    expect(stdout.includes("::warning::The registry gave no answer")).toBe(warns);
  });
});

/** Runs the lines of a step as GitHub does, with an npm that prints its arguments and exits with `answer`. */
function typeAsGitHub(lines: string, { event, answer }: { event: string; answer: number }) {
  const directory = mkdtempSync(join(tmpdir(), "audit-"));
  try {
    const npm = join(directory, "npm");
    writeFileSync(npm, `#!/bin/sh\necho npm "$@"\nexit ${answer}\n`);
    chmodSync(npm, 0o755);
    const PATH = [directory, process.env.PATH].join(delimiter);
    // https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
    const script = join(directory, "step.sh");
    writeFileSync(script, lines);
    return spawnSync("bash", ["-e", script], {
      encoding: "utf8",
      env: { ...process.env, PATH, GITHUB_EVENT_NAME: event },
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("ci.yml", () => {
  const { on, permissions, jobs } = workflowOf("ci.yml");

  it("runs each part of `npm run verify` once, and nothing else of its own", async () => {
    expect(commandsOf("ci.yml")).toEqual([
      "npm run verify -- check unit",
      'npm run verify -- "$PART"',
      "npm run sbom",
      'test "$RESULTS" = "success success success"',
    ]);
    const { default: config } = await import("../../vitest.config.ts");
    const projects = z.object({ test: z.object({ projects: Projects }) }).parse(config).test.projects;
    const parts = ["unit", ...(jobs.tests?.strategy?.matrix.part ?? [])];
    expect(parts.toSorted()).toEqual(projects.map(({ test }) => test.name).toSorted());
  });

  it("has one job that says yes or no for all others", () => {
    expect(jobs.verdict).toMatchObject({ if: "always()", needs: ["quick", "tests", "sbom"] });
    expect(Object.keys(jobs)).toEqual(["quick", "tests", "sbom", "verdict"]);
  });

  it("keeps the bills of materials of the checked revision", () => {
    const [artifact, ...more] = stepsOf("ci.yml").filter(({ uses }) => uses?.includes("upload-artifact"));
    expect(more).toEqual([]);
    expect(artifact?.with).toMatchObject({ path: "dist/sbom", "if-no-files-found": "error" });
  });

  it("may only read the code, also for a stranger's pull request", () => {
    expect(permissions).toEqual({ contents: "read" });
    expect(Object.keys(on).sort()).toEqual(["pull_request", "workflow_call"]);
  });
});

describe("cost.yml", () => {
  const { on, permissions, jobs } = workflowOf("cost.yml");
  const [comment] = jobs.comment?.steps ?? [];

  it("may comment on a pull request of this repository, and runs for no stranger's", () => {
    expect(permissions).toEqual({});
    expect(Object.keys(jobs)).toEqual(["bill", "comment"]);
    expect(jobs.bill?.if).toBe("github.event.pull_request.head.repo.full_name == github.repository");
    // Unlike pull_request_target, this never runs a stranger's code with rights.
    expect(Object.keys(on)).toEqual(["pull_request"]);
  });

  it("comments on another machine than the one on which packages run, and only there with rights", () => {
    expect(jobs.bill?.permissions).toEqual({ contents: "read" });
    expect(JSON.stringify(jobs.bill)).not.toContain("github.token");
    expect(jobs.comment?.permissions).toEqual({ "pull-requests": "write" });
    expect(jobs.comment?.steps.map(({ uses }) => uses)).toEqual([undefined]);
    expect(comment?.run).not.toContain("npm");
  });

  it.each([
    [
      "the difference\n\n| a | b |\n",
      ["pr comment 7 --edit-last --create-if-none --body-file -", "the difference", "| a | b |"],
    ],
    ["", ["pr comment 7 --edit-last --body This change does not alter the bill."]],
  ])("with %j as bill comments by %j", (bill, calls) => {
    const written = jobs.bill?.steps.find(({ id }) => id === "bill")?.run ?? "";
    expect(commentAsGitHub([written, comment?.run ?? ""], bill)).toEqual({ status: 0, calls });
  });
});

/** Runs the lines of both machines with this bill, and with a `gh` that fails as it does where there is no comment to edit. */
function commentAsGitHub([written = "", comment = ""]: string[], bill: string) {
  const directory = mkdtempSync(join(tmpdir(), "cost-"));
  const run = (lines: string, env: Record<string, string>) =>
    spawnSync("bash", ["-e", "-c", lines], {
      cwd: directory,
      encoding: "utf8",
      env: { ...process.env, PATH: [directory, process.env.PATH].join(delimiter), ...env },
    });
  try {
    const gh = join(directory, "gh");
    writeFileSync(gh, '#!/bin/sh\necho "$@"\ncase "$*" in *--create-if-none*) cat ;; *) exit 1 ;; esac\n');
    chmodSync(gh, 0o755);
    writeFileSync(join(directory, "bill.md"), bill);
    const output = join(directory, "output");
    expect(run(written, { GITHUB_OUTPUT: output }).status).toBe(0);
    // As GitHub reads an output of several lines.
    const [, , BILL = ""] = /^bill<<(\w+)\n(.*?)\n?\1\n$/s.exec(readFileSync(output, "utf8")) ?? [];
    const { status, stdout } = run(comment, { NUMBER: "7", BILL });
    return { status, calls: stdout.split("\n").filter((line) => line !== "") };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("deploy.yml", () => {
  const { on, permissions, jobs } = workflowOf("deploy.yml");

  it("gives only the job that deploys the right to an AWS role, after the checks", () => {
    expect(permissions).toEqual({});
    expect(jobs.test).toMatchObject({
      uses: "./.github/workflows/ci.yml",
      permissions: { contents: "read" },
    });
    expect(jobs.deploy).toMatchObject({
      needs: "test",
      permissions: { contents: "read", "id-token": "write" },
    });
    expect(Object.keys(jobs)).toEqual(["test", "deploy"]);
  });

  it("holds no key: the role comes from the environment of the stage", () => {
    expect(textOf("deploy.yml")).not.toMatch(/secrets\.|aws-access-key-id|AKIA/);
    const [credentials] = stepsOf("deploy.yml").filter(({ uses }) =>
      uses?.includes("configure-aws-credentials"),
    );
    expect(credentials?.with["role-to-assume"]).toBe(expression("vars.AWS_ROLE_ARN"));
    expect(jobs.deploy?.environment).toBe(STAGE);
  });

  it("assumes the role after the packages are installed, because a package may run a script during that", () => {
    const steps = stepsOf("deploy.yml");
    const installs = steps.findIndex(({ run }) => run?.endsWith("npm run deploy -- --help"));
    const takes = steps.findIndex(({ uses }) => uses?.includes("configure-aws-credentials"));
    expect(installs).toBeGreaterThan(0);
    expect(takes).toBeGreaterThan(installs);
    expect(steps.slice(0, takes).filter(({ run }) => run !== undefined)).toHaveLength(1);
  });

  it("never runs twice at once for one stage, and is never cancelled", () => {
    expect(jobs.deploy?.concurrency).toEqual({
      group: `deploy-${STAGE}`,
      "cancel-in-progress": false,
    });
  });

  it("starts only by hand and from main", () => {
    expect(Object.keys(on).sort()).toEqual(["push", "workflow_dispatch"]);
    expect(on.push).toEqual({ branches: ["main"] });
  });

  it("deploys and then runs the smoke test, by the commands of docs/deploy.md", () => {
    const [install = "", before = "", deploy = "", smoke = "", note = "", goBack = "", ...more] =
      commandsOf("deploy.yml");
    expect(more).toEqual([]);
    expect(install).toMatch(/^env .*npm run deploy -- --help$/);
    expect(deploy).toBe('npm run deploy -- --stage "$STAGE" --region "$AWS_REGION" --yes');
    expect(smoke).toBe('npm run smoke -- --stage "$STAGE"');
    const docs = readFileSync(join(ROOT, "docs/deploy.md"), "utf8");
    expect(docs).toContain("npm run deploy -- --stage");
    expect(docs).toContain("npm run smoke -- --stage");
    for (const [, heading] of goBack.matchAll(/docs\/deploy\.md, "([^"]+)"/g)) {
      expect(docs).toContain(`\n## ${heading}\n`);
    }
    for (const command of [before, note]) expect(command).toContain(revisionParameter({ stage: "$STAGE" }));
  });

  it("has the whole history, to go back in it", () => {
    const [checkout] = stepsOf("deploy.yml").filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkout?.with["fetch-depth"]).toBe(0);
  });
});
