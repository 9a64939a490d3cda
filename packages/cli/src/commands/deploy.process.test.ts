import { type AwsStub, startAwsStub } from "@cloud-design/stacks/testing/aws-stub";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sstArguments } from "../sst.ts";
import { typeCommand } from "../testing/type-command.ts";
import { planText } from "./deploy.ts";

let aws: AwsStub;

beforeEach(async () => {
  aws = await startAwsStub();
});
afterEach(() => aws[Symbol.asyncDispose]());

const deploy = (args: string[]) => typeCommand(["deploy", ...args], aws.url);

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

  it("explains itself, and refuses unknown arguments", async () => {
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

  it("shows where it deploys, what it creates and what that costs", () => {
    const plan = {
      preset: "standard" as const,
      stacks: ["dev-cloud-design-Api", "dev-cloud-design-Site"],
      resources: 321,
      time: "about 30 minutes",
      usdMonthly: 242.16,
    };
    const target = { stage: "mine", region: "eu-west-3", account: "123456789012" };
    expect(planText(target, plan, true)).toBe(
      [
        "",
        "Deploying cloud-design",
        "  stage    mine, for the first time",
        "  preset   standard",
        "  account  123456789012",
        "  region   eu-west-3",
        "  creates  2 stacks with 321 resources",
        "  takes    about 30 minutes",
        "  costs    about $242 a month without requests, at the prices of us-east-1 (npm run cost -- --preset standard)",
        "",
      ].join("\n"),
    );
    expect(planText({ ...target, stack: "Firewall" }, plan, false)).toMatch(
      /^\nDeploying the stack Firewall of /,
    );
  });

  it("passes all arguments to SST", () => {
    const target = { stage: "dev", region: "eu-west-3", profile: "shop", stack: "Firewall" };
    expect(sstArguments("deploy", target).join(" ")).toBe(
      "deploy Firewall --stage dev --region eu-west-3 --profile shop",
    );
    expect(sstArguments("deploy", { stage: "dev", region: "us-east-1" }).join(" ")).toBe(
      "deploy --stage dev --region us-east-1",
    );
  });
});
