import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deployedStage } from "@cloud-design/stage/deployed";
import { stageOutputs } from "@cloud-design/stage/outputs";
import { EDGE_REGION } from "@cloud-design/stage/regions";
import { ACCOUNT } from "@cloud-design/stage/testing/account-answers";
import { type AccountStub, startAccountStub } from "@cloud-design/stage/testing/account-stub";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { readStacks } from "../testing/app.ts";
import { type Clone, createClone, type Typed } from "../testing/clone.ts";
import { workflowOf } from "../testing/workflow.ts";

const ROOT = join(import.meta.dirname, "../..");
const DEPENDENCIES = [
  ["Network", "Databases"],
  ["Firewall", "Site"],
  ["Api", "Site"],
  ["Databases", "Inventory"],
  ["Broker", "Billing"],
  ["Inventory", "Gateway"],
  ["Billing", "Gateway"],
  ["Orders", "Gateway"],
  ["Gateway", "Status"],
] as const;
const PREPARING = ["CDKToolkit", "SSTBootstrap"];
/** Some ten seconds each; more on a busy machine. */
const TIMEOUT = 600_000;

/** The very lines that GitHub would run, in the order of the file. */
function linesOf(workflow: string): string[] {
  return Object.values(workflowOf(workflow).jobs).flatMap(({ steps }) =>
    steps.flatMap(({ run }) => run ?? []),
  );
}

/**
 * Each documented command, as it stands in the documentation, in a clone of this work tree and against an empty account. The tests follow each
 * other like the life of a stage.
 */
describe("the commands of docs/deploy.md, in a new clone and an empty account", () => {
  let account: AccountStub;
  let clone: Clone;
  const stacks = () => [...account.stacks.keys()].filter((name) => !PREPARING.includes(name));
  const waitFor = async (condition: () => boolean, typed: Typed) => {
    while (!condition() && typed.child.exitCode === null) await new Promise((done) => setTimeout(done, 50));
  };

  beforeAll(async () => {
    account = await startAccountStub();
    clone = await createClone(account.url);
  }, TIMEOUT);

  afterAll(async () => {
    await clone[Symbol.asyncDispose]();
    await account[Symbol.asyncDispose]();
  });

  it("asks before the first deployment of a stage, before it creates anything", {
    timeout: TIMEOUT,
  }, async () => {
    // With a profile whose program gives credentials to a person, and refuses a build, which calls no account.
    const folder = mkdtempSync(join(tmpdir(), "profile-"));
    const program = join(folder, "sign-in.sh");
    const given = JSON.stringify({ Version: 1, AccessKeyId: "key", SecretAccessKey: "secret" });
    writeFileSync(program, `[ "$AWS_ACCESS_KEY_ID" = nobody ] || echo '${given}'\n`);
    writeFileSync(join(folder, "config"), `[profile person]\ncredential_process = sh ${program}\n`);
    const env = {
      AWS_PROFILE: "person",
      AWS_CONFIG_FILE: join(folder, "config"),
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
    };
    const said = await clone.type("npm run deploy -- --stage dev", { env }).end;
    rmSync(folder, { recursive: true });
    expect(said.err).toContain(
      "Without a terminal the command cannot ask for a confirmation: add --yes to create the stage dev.",
    );
    expect(said.out).toMatch(
      /creates +\d+ stacks with \d{3} resources\n +takes +about 30 minutes\n +costs +about \$\d{3} a month/,
    );
    expect(said.code).toBe(1);
    expect([...account.stacks.keys()]).toEqual([]);
  });

  it("names the stacks when no one has the given name, before it asks or creates anything", {
    timeout: TIMEOUT,
  }, async () => {
    const said = await clone.type("npm run deploy -- Fierwall --stage dev").end;
    expect(said.err).toMatch(/^There is no stack Fierwall: there are .*Firewall.*\. Nothing was created\.$/m);
    expect(said.code).toBe(1);
    expect([...account.stacks.keys()]).toEqual([]);
  });

  it("prepares the account with the pinned CDK, and says which resource failed", {
    timeout: TIMEOUT,
  }, async () => {
    account.failing.add("-Databases");
    const { code, out, err } = await clone.type("npm run deploy -- --stage dev --yes").end;
    expect(err).toMatch(/^Failed: Databases\. SST says:$/m);
    expect(out).toMatch(/^✖ Databases .* Broken \(AWS::Test::Broken\): The test said that this fails\.$/m);
    expect(code).toBe(1);
    expect([...account.stacks.keys()]).toEqual(expect.arrayContaining(PREPARING));
    expect(account.stacks.get("dev-cloud-design-Databases")?.status).toBe("ROLLBACK_COMPLETE");
  });

  it("has the images scanned as soon as the account has a repository for them", () => {
    const operations = account.asked.map(({ operation }) => operation);
    expect(operations.filter((operation) => operation === "PutImageScanningConfiguration")).toHaveLength(1);
  });

  it("deletes the rest of the failed creation, and goes on: the workflow's line, from a subfolder", {
    timeout: TIMEOUT,
  }, async () => {
    const [line = ""] = linesOf("deploy.yml").filter((run) => run.includes("npm run deploy -- --stage"));
    const env = { STAGE: "dev", AWS_REGION: "us-east-1", CI: "true" };
    const { code, out, err } = await clone.type(line, { folder: "docs", env }).end;
    expect(err).toBe("");
    expect(out).toMatch(/^✔ Databases .* cleared: its creation had failed$/m);
    expect(code).toBe(0);
    for (const [name, { status }] of account.stacks)
      expect(`${name} ${status}`).toMatch(/ (CREATE|UPDATE)_COMPLETE$/);
    expect(account.unknown).toEqual([]);
  });

  it("has made every stack after the stacks that it needs, by CloudFormation's own role", () => {
    const config = readFileSync(join(ROOT, "sst.config.ts"), "utf8");
    const expected = [...config.matchAll(/\.stack\((\w+)\)/g)].map(([, name]) => `dev-cloud-design-${name}`);
    expect(stacks().toSorted()).toEqual(expected.toSorted());
    const made = account.asked.flatMap(({ operation, form }) =>
      operation === "CreateStack" ? (form.get("StackName") ?? "").replace("dev-cloud-design-", "") : [],
    );
    for (const [first, second] of DEPENDENCIES) {
      expect(made.lastIndexOf(first)).toBeLessThan(made.lastIndexOf(second));
    }
    for (const name of stacks()) {
      expect(account.stacks.get(name)?.roleArn).toBe(
        `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-us-east-1`,
      );
    }
  });

  it("has built both images for arm64 and put them into the registry", async () => {
    const log = await clone.dockerLog();
    for (const service of ["inventory", "billing"]) {
      expect(log).toMatch(
        new RegExp(
          `^build .*--build-arg SERVICE=${service} .*--file packages/containers/Dockerfile .*--platform linux/arm64`,
          "m",
        ),
      );
    }
    expect(log.match(/^push registry\.example\.com\/assets:/gm)?.length).toBeGreaterThanOrEqual(2);
  });

  it("prints its outputs and the next commands, and changes nothing the second time", {
    timeout: TIMEOUT,
  }, async () => {
    const { code, out } = await clone.type("npm run deploy -- --stage dev").end;
    expect(out).toMatch(/^Deployed: nothing had to change\.$/m);
    expect(out).toMatch(/^ +SiteUrl +https:\/\/siteurl\.example\.com$/m);
    for (const next of ["smoke", "ops -- ps", "remove"]) expect(out).toContain(`npm run ${next} --`);
    expect(code).toBe(0);
  });

  it("keeps the stage awake for as long as it deploys", () => {
    const held = account.asked.flatMap(({ operation, json }) =>
      operation.endsWith("-sleeper/invocations") && json.holdMinutes !== undefined ? [json.holdMinutes] : [],
    );
    // The deployment before this test: the first one had no sleeper yet.
    expect(held).toEqual([120, 0]);
  });

  it("publishes the same version of the gateway as any other build of the same code", () => {
    const versions = (resources: object) =>
      Object.keys(resources).filter((id) => id.startsWith("GatewayCurrentVersion"));
    const { template = "{}" } = account.stacks.get("dev-cloud-design-Gateway") ?? {};
    const [version, ...more] = versions(JSON.parse(template).Resources);
    const [built] = readStacks("dev", inject("outputs").dev).filter(({ file }) => /-Gateway\./.test(file));
    expect(more).toEqual([]);
    expect([version]).toEqual(versions(built?.template.Resources ?? {}));
  });

  it("gives the commands its outputs, the same as at CloudFormation", async () => {
    // SST does not wait until its file of outputs is written; when the file is cut short, the commands ask CloudFormation.
    vi.stubEnv("AWS_ENDPOINT_URL", account.url);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "nobody");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "nothing");
    const { outputs } = await deployedStage({ stage: "dev" }, clone.directory);
    expect(outputs.SiteUrl).toBe("https://siteurl.example.com");
    expect(await stageOutputs({ stage: "dev", region: EDGE_REGION })).toEqual(outputs);
    vi.unstubAllEnvs();
  });

  it.each([
    ["npm run preflight -- --stage dev", "."],
    ["npm run sst -- diff --stage dev", "."],
    ["pnpm sst deploy --stage dev", "."],
  ])("%s starts and ends with code 0 (in %s)", { timeout: TIMEOUT }, async (line, folder) => {
    const { code, out, err } = await clone.type(line, { folder }).end;
    expect({ code, said: code === 0 ? "" : out + err }).toEqual({ code: 0, said: "" });
  });

  it("is undone by npm run remove, which lists the rest", { timeout: TIMEOUT }, async () => {
    const { code, out } = await clone.type("npm run remove -- --stage dev --yes").end;
    expect(out).toMatch(/^✔ Network +[\d.]+ s +removed$/m);
    expect(out).toMatch(/^Nothing is left of stage dev|^What is left of stage dev/m);
    expect(code).toBe(0);
    expect(stacks()).toEqual([]);
  });

  it("refuses a second deployment beside the first, and goes on after Ctrl-C", {
    timeout: TIMEOUT,
  }, async () => {
    account.held.add("pr-7-cloud-design-Network");
    const first = clone.type("npm run deploy -- --stage pr-7 --yes");
    await waitFor(() => account.stacks.has("pr-7-cloud-design-Network"), first);
    const second = await clone.type("npm run deploy -- --stage pr-7 --yes").end;
    expect(second.err.replaceAll(/\s+/g, " ")).toMatch(
      /Another deployment is running: the stack pr-7-cloud-design-\w+ is CREATE_IN_PROGRESS/,
    );
    expect(second.code).toBe(1);
    // As a terminal does: every process that the line has started gets the signal.
    process.kill(-(first.child.pid ?? 0), "SIGINT");
    const { code, err } = await first.end;
    expect(err).toMatch(/^Interrupted\. CloudFormation goes on by itself with .*Network/m);
    expect(code).toBe(130);
    account.held.clear();
    expect(await clone.type("npm run deploy -- --stage pr-7 --yes").end).toMatchObject({ code: 0, err: "" });
  });

  it("says that CloudFormation goes on by itself when the network is lost", {
    timeout: TIMEOUT,
  }, async () => {
    account.held.add("pr-8-cloud-design-Api");
    const typed = clone.type("npm run deploy -- --stage pr-8 --yes");
    await waitFor(() => account.stacks.has("pr-8-cloud-design-Api"), typed);
    await account[Symbol.asyncDispose]();
    const { code, err } = await typed.end;
    expect(err).toMatch(/^AWS cannot be reached .* CloudFormation goes on by itself/m);
    expect(code).toBe(1);
  });
});
