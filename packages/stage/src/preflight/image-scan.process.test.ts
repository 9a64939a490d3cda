import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Answers, jsonError, type RecordedAws, startRecordedAws } from "../testing/recorded-aws.ts";
import { orUnknown } from "./account.ts";
import { findingOf } from "./finding.ts";
import { checkImageScan, scanOnPush } from "./image-scan.ts";

const REPOSITORY = "cdk-hnb659fds-container-assets-123456789012-eu-west-3";
const ACCESS = { region: "eu-west-3" };
const TARGET = { ...ACCESS, stage: "dev", account: "123456789012" };
const ASKS = "BatchGetRepositoryScanningConfiguration";
const SWITCHES = "PutImageScanningConfiguration";

let aws: RecordedAws;

beforeEach(async () => {
  aws = await startRecordedAws({
    [SWITCHES]: { body: { repositoryName: REPOSITORY, imageScanningConfiguration: { scanOnPush: true } } },
  });
  const environment = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "",
    AWS_PROFILE: "",
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await aws[Symbol.asyncDispose]();
});

function configured(scanFrequency: string): Answers[string] {
  const configuration = {
    repositoryArn: `arn:aws:ecr:eu-west-3:123456789012:repository/${REPOSITORY}`,
    repositoryName: REPOSITORY,
    scanOnPush: scanFrequency === "SCAN_ON_PUSH",
    scanFrequency,
    appliedScanFilters: [],
  };
  return { body: { scanningConfigurations: [configuration], failures: [] } };
}

const ABSENT: Answers[string] = {
  body: {
    scanningConfigurations: [],
    failures: [{ repositoryName: REPOSITORY, failureCode: "REPOSITORY_NOT_FOUND" }],
  },
};

/** The check as `npm run preflight` runs it. */
const check = () => findingOf("image scan", () => orUnknown(() => checkImageScan(TARGET, ACCESS), ACCESS));
const asked = () => aws.asked.map(({ operation }) => operation);

describe("a repository without image scans", () => {
  beforeEach(() => {
    aws.answers[ASKS] = configured("MANUAL");
  });

  it("is named by the check, with the command that switches scans on", async () => {
    expect(await check()).toEqual({
      check: "image scan",
      state: "warning",
      says: `No scan covers the images in ${REPOSITORY}: \`npm run deploy\` switches that on, for the images that are pushed from then on.`,
    });
    expect(asked()).not.toContain(SWITCHES);
  });

  it("gets scans by a deployment, and no other repository does", async () => {
    expect(await scanOnPush(TARGET, ACCESS)).toBe(true);
    expect(aws.asked.at(-2)).toMatchObject({ operation: ASKS, json: { repositoryNames: [REPOSITORY] } });
    expect(aws.asked.at(-1)).toMatchObject({
      operation: SWITCHES,
      json: { repositoryName: REPOSITORY, imageScanningConfiguration: { scanOnPush: true } },
    });
  });
});

describe.each([
  ["is scanned on push", configured("SCAN_ON_PUSH"), "at each push"],
  ["Inspector scans", configured("CONTINUOUS_SCAN"), "Inspector scans the images continuously"],
  ["does not exist yet", ABSENT, "deploy switches it on when there is a repository"],
] as const)("a repository that %s", (_, answer, says) => {
  it("needs nothing", async () => {
    aws.answers[ASKS] = answer;
    expect(await check()).toEqual({ check: "image scan", state: "ok", says });
    expect(await scanOnPush(TARGET, ACCESS)).toBe(false);
    expect(asked()).not.toContain(SWITCHES);
  });
});

it("a missing right is a warning, and does not stop a deployment", async () => {
  const message = `User x is not authorized to perform: ecr:${ASKS}`;
  aws.answers[ASKS] = jsonError("AccessDeniedException", message);
  expect(await check()).toMatchObject({ state: "warning", says: expect.stringContaining(message) });
});
