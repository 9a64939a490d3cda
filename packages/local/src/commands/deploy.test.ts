import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AwsStub, startAwsStub } from "../../../../stacks/testing/aws-stub.ts";
import { SST_CLI, sstArguments } from "../sst.ts";
import { typeCommand } from "../testing/type-command.ts";
import { planOf } from "./deploy.ts";

let aws: AwsStub;

beforeEach(async () => {
  aws = await startAwsStub();
});
afterEach(() => aws[Symbol.asyncDispose]());

const deploy = (args: string[], environment?: NodeJS.ProcessEnv) =>
  typeCommand(["deploy", ...args], aws.url, environment);

describe("npm run deploy", () => {
  it("refuses with SST's own sentence, before it asks AWS anything", async () => {
    expect(await deploy(["--stage", "Prod"])).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^The stage cannot be called "Prod": .*\n$/),
    });
    expect(await deploy([])).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Name a stage: /) });
    expect([...aws.asked]).toEqual([]);
  });

  it("says how to get Docker when there is none, before SST builds anything", async () => {
    const said = await deploy(["--stage", "without-env-file"], { CDK_DOCKER: "no-such-docker" });
    expect(said).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "The images of the services are built here, and there is no no-such-docker: install Docker, or name finch or podman with CDK_DOCKER.\n",
    });
    expect([...aws.asked].sort()).toEqual(["DescribeBrokerInstanceOptions", "GetCallerIdentity"]);
  });

  it("says that Docker has to be started when it does not answer", async () => {
    // `false info` ends with 1, as `docker info` does without its daemon.
    const said = await deploy(["--stage", "without-env-file"], { CDK_DOCKER: "false" });
    expect(said).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^false does not answer: start it, /),
    });
  });

  it("explains itself, and refuses what it does not know", async () => {
    expect(await deploy(["--help"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("--stage NAME"),
    });
    expect(await deploy(["--stgae", "dev"])).toMatchObject({
      code: 1,
      stderr: "npm run deploy has no flag --stgae: did you mean --stage?\n",
    });
    expect(await deploy(["Site", "Api", "--stage", "without-env-file"])).toMatchObject({
      code: 1,
      stderr: "npm run deploy takes one stack, not Site Api.\n",
    });
  });

  it("says where it deploys and what that costs", () => {
    expect(planOf({ stage: "prod", region: "eu-west-3", account: "123456789012" })).toMatch(
      /^Deploying cloud-design\n +stage +prod\n +account +123456789012\n +region +eu-west-3\n +cost +about \$\d{3} a month/,
    );
    expect(planOf({ stage: "dev", region: "us-east-1", stack: "Firewall" })).toMatch(
      /^Deploying the stack Firewall of /,
    );
  });

  it("hands over to the installed SST with all that was typed", () => {
    expect(existsSync(SST_CLI)).toBe(true);
    const target = { stage: "dev", region: "eu-west-3", profile: "shop", stack: "Firewall" };
    expect(sstArguments("deploy", target).join(" ")).toBe(
      "deploy Firewall --stage dev --region eu-west-3 --profile shop",
    );
    expect(sstArguments("deploy", { stage: "dev", region: "us-east-1" }).join(" ")).toBe(
      "deploy --stage dev --region us-east-1",
    );
  });
});
