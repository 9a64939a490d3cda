import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deployedStage } from "@cloud-design/stage/deployed";
import { type RecordedAws, startRecordedAws } from "@cloud-design/stage/testing/recorded-aws";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { recordedStage, STAGE } from "../testing/recorded-stage.ts";

const OUTPUTS = {
  SignInUrl: "https://sign-in.here",
  UserPoolId: "eu-west-3_Pool",
  WebClientId: "web",
  MachineClientId: "machine",
  SmokeClientId: "smoke",
  SeedClientId: "seed",
};

let aws: RecordedAws;
let root: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "outputs-"));
  mkdirSync(join(root, ".sst"));
  aws = await startRecordedAws(recordedStage({ queueUrl: "http://queue" }));
  vi.stubEnv("AWS_ENDPOINT_URL", aws.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "nobody");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "nothing");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
  await aws[Symbol.asyncDispose]();
});

const write = (outputs: object) => writeFileSync(join(root, ".sst/outputs.json"), JSON.stringify(outputs));
const siteOf = async (named: object = {}) =>
  (await deployedStage({ stage: STAGE, ...named }, root)).outputs.SiteUrl;
const AT_AWS = "https://d1.cloudfront.net";

describe("a deployed stage", () => {
  beforeEach(() =>
    write({
      [`${STAGE}-cloud-design-Api`]: {},
      [`${STAGE}-cloud-design-Site`]: { SiteUrl: "https://site.here" },
      [`${STAGE}-cloud-design-Identity`]: { ...OUTPUTS, TokenCommand: "curl" },
    }),
  );

  it("is read from SST's outputs in this folder, in the region that its user pool names", async () => {
    const { outputs, access } = await deployedStage({ stage: STAGE }, root);
    expect(outputs).toEqual({ SiteUrl: "https://site.here", ...OUTPUTS });
    expect(access).toMatchObject({ stage: STAGE, region: "eu-west-3" });
    expect(aws.asked).toEqual([]);
  });

  it("is read from CloudFormation if another region or an account is named", async () => {
    expect(await siteOf({ region: "eu-west-3" })).toBe("https://site.here");
    expect(await siteOf({ region: "us-east-1" })).toBe(AT_AWS);
    expect(await siteOf({ profile: "shop" })).toBe(AT_AWS);
  });

  it("is read from CloudFormation if SST's outputs are of another stage, incomplete or missing", async () => {
    write({ [`${STAGE}-cloud-design-Identity`]: OUTPUTS });
    expect(await siteOf()).toBe(AT_AWS);
    write({ "recorded-11-cloud-design-Site": { SiteUrl: "https://other.here", ...OUTPUTS } });
    expect(await siteOf()).toBe(AT_AWS);
    writeFileSync(join(root, ".sst/outputs.json"), "half of a fi");
    expect(await siteOf()).toBe(AT_AWS);
    rmSync(join(root, ".sst"), { recursive: true });
    expect(await siteOf()).toBe(AT_AWS);
  });
});
