import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { brokerOptions, EMPTY_ACCOUNT, ec2 } from "../testing/account-answers.ts";
import { stackResourcesOf } from "../testing/recorded-account.ts";
import {
  type Answers,
  jsonError,
  type RecordedAws,
  startRecordedAws,
  xml,
  xmlError,
} from "../testing/recorded-aws.ts";
import { activateCostTag, makeRoles } from "./account.ts";
import { examine } from "./examine.ts";
import type { Finding } from "./finding.ts";

const ACCESS = { region: "us-east-1" };
const DENIED = "User x is not authorized to perform this";

let aws: RecordedAws;

beforeEach(async () => {
  aws = await startRecordedAws({ ...EMPTY_ACCOUNT });
  const environment = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_PROFILE: "",
    CDK_DOCKER: "true", // the program, which ends with 0 for any argument
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws[Symbol.asyncDispose]();
});

async function look(stage: string, answers: Answers = {}) {
  Object.assign(aws.answers, answers);
  const findings: Finding[] = [];
  const result = await examine({ stage, region: "us-east-1" }, ACCESS, (finding) => findings.push(finding));
  return { ...result, findings };
}

async function found(
  check: string,
  answers: Answers,
  stage = "dev",
): Promise<Omit<Finding, "check"> | undefined> {
  const { findings } = await look(stage, answers);
  const { state, says } = findings.find((finding) => finding.check === check) ?? {};
  return state && says !== undefined ? { state, says } : undefined;
}

const quota = (limits: Record<string, number>): Answers => ({
  GetServiceQuota: ({ json }) => {
    const value = { "L-0263D0A3": 5, "L-F678F1CE": 5, "L-3032A538": 6, "L-36FBB829": 6, ...limits }[
      String(json.QuotaCode)
    ];
    return { body: { Quota: { Value: value } } };
  },
});

const stack = (name: string, status: string, outputs: Record<string, string> = {}) => {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return `<member><StackName>${name}</StackName><StackStatus>${status}</StackStatus><CreationTime>2026-11-26T08:00:00Z</CreationTime><Outputs>${members.join("")}</Outputs></member>`;
};
const stacks = (...members: string[]): Answers => ({
  DescribeStacks: xml("DescribeStacks", `<Stacks>${members.join("")}</Stacks>`),
});

describe("an account with room for a stage", () => {
  it.each([
    ["the firewall of a stage in another region is a first one", true, []],
    ["a rolled back network is a first one", true, ["ROLLBACK_COMPLETE"]],
    ["a network that failed is a first one", true, ["CREATE_FAILED"]],
    ["a network that stands is not", false, ["UPDATE_COMPLETE"]],
  ])("beside a firewall %s", async (_, isFirst, networks) => {
    const standing = stacks(
      stack("dev-cloud-design-Firewall", "CREATE_COMPLETE"),
      ...networks.map((status) => stack("dev-cloud-design-Network", status)),
    );
    expect(await look("dev", standing)).toMatchObject({ isFirst });
  });

  it.each(["dev", "prod"])("passes every check for %s, with one request for each", async (stage) => {
    const { findings, isFirst, hasFailed } = await look(stage);
    expect(findings.filter(({ state }) => state !== "ok")).toEqual([]);
    expect({ isFirst, hasFailed }).toEqual({ isFirst: true, hasFailed: false });
    expect(findings.map(({ check }) => check)).toEqual([
      "Docker",
      "stacks",
      "bootstrap",
      "broker's zones",
      "Elastic IPs",
      "VPCs",
      "concurrency",
      "Fargate",
      "roles",
      "CloudFront",
      "image scan",
      "cost tag",
    ]);
  });
});

describe("quotas", () => {
  const addresses = (count: number): Answers => ({
    DescribeAddresses: ec2(
      "DescribeAddresses",
      `<addressesSet>${"<item></item>".repeat(count)}</addressesSet>`,
    ),
  });

  it("refuse a stage that has no room for its addresses, and say how to ask for more", async () => {
    expect(await found("Elastic IPs", addresses(4))).toEqual({
      state: "ok",
      says: "4 of 5 Elastic IPs in use, takes 1",
    });
    expect(await found("Elastic IPs", addresses(3), "prod")).toEqual({
      state: "failed",
      says: "There is no room for another stage: 3 of 5 Elastic IPs in use, takes 3. Release unused ones, take another region, or ask for more with `aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-0263D0A3 --desired-value 10 --region us-east-1`.",
    });
  });

  it("ask a learner's stage for no Elastic IP, and for tasks on Spot alone, the broker among them", async () => {
    vi.stubEnv("PRESET", "learner");
    expect(await found("Elastic IPs", addresses(5), "mine")).toEqual({
      state: "ok",
      says: "5 of 5 Elastic IPs in use, takes 0",
    });
    expect(await found("Fargate", quota({ "L-3032A538": 0 }), "mine")).toEqual({
      state: "ok",
      says: "6 vCPU of Fargate Spot, takes 2.25 to 2.25",
    });
  });

  it("count an existing stage only once", async () => {
    const answers = { ...addresses(5), ...stacks(stack("dev-cloud-design-Network", "CREATE_COMPLETE")) };
    expect(await found("Elastic IPs", answers)).toEqual({
      state: "ok",
      says: "5 of 5 Elastic IPs in use, takes 0",
    });
  });

  it("take AWS's default for a quota that was never changed", async () => {
    const answers: Answers = {
      GetServiceQuota: jsonError("NoSuchResourceException", "none"),
      GetAWSDefaultServiceQuota: { body: { Quota: { Value: 1 } } },
    };
    expect(await found("VPCs", answers)).toMatchObject({
      state: "failed",
      says: expect.stringMatching(/^There is no room for another stage: 1 of 1 VPCs in use, takes 1\./),
    });
  });

  it("of vCPUs refuse a stage that cannot start, and warn of one that cannot scale", async () => {
    expect(await found("Fargate", quota({ "L-3032A538": 0.25 }))).toMatchObject({ state: "failed" });
    expect(await found("Fargate", quota({ "L-36FBB829": 0.5 }))).toEqual({
      state: "warning",
      says: "There is no room for all tasks that scaling may start: 0.5 vCPU of Fargate Spot, takes 0.5 to 1; ask for more with `aws service-quotas request-service-quota-increase --service-code fargate --quota-code L-36FBB829 --desired-value 16 --region us-east-1`.",
    });
    expect(await found("Fargate", quota({}), "prod")).toEqual({
      state: "ok",
      says: "6 vCPU of Fargate, takes 2 to 6",
    });
  });

  const concurrency = (ConcurrentExecutions: number, UnreservedConcurrentExecutions: number): Answers => ({
    "GET /2016-08-19/account-settings": {
      body: { AccountLimit: { ConcurrentExecutions, UnreservedConcurrentExecutions } },
    },
  });

  it("of functions warn where prod's reservation does not fit, and leave other stages alone", async () => {
    expect(await found("concurrency", concurrency(1_000, 899), "prod")).toEqual({
      state: "warning",
      says: "The stage would reserve 800 Lambda functions at once, so that reads take no place of orders, and of this account's 1000 only 799 can be reserved: it is deployed without. Ask for more with `aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1001 --region us-east-1`, and then deploy again.",
    });
    expect(await found("concurrency", concurrency(1_000, 900), "prod")).toMatchObject({ state: "ok" });
    expect(await found("concurrency", concurrency(1_000, 100), "dev")).toMatchObject({ state: "ok" });
    expect(await found("concurrency", concurrency(10, 10), "prod")).toMatchObject({ state: "warning" });
  });

  it("of functions decide whether the deployment reserves any", async () => {
    const shares = async (most: number, free: number, stage: string) =>
      (await look(stage, concurrency(most, free))).sharesConcurrency;
    expect(await shares(1_000, 900, "prod")).toBe(false);
    expect(await shares(1_000, 899, "prod")).toBe(true);
    expect(await shares(10, 10, "dev")).toBe(false);
    // Without the right to ask, a stage keeps what the table says.
    const refused = { "GET /2016-08-19/account-settings": { status: 403, body: {} } };
    expect((await look("prod", refused)).sharesConcurrency).toBe(false);
  });

  it("of functions count the reservation of an existing stage only once, and that of others too", async () => {
    const existing = (unreserved: number, own: Record<string, number>): Answers => ({
      ...concurrency(1_000, unreserved),
      ...stacks(stack("prod-cloud-design-Network", "CREATE_COMPLETE")),
      ListStackResources: stackResourcesOf({
        "prod-cloud-design-Gateway": ["Gateway", "OrderGateway"].map((id) => ({
          type: "AWS::Lambda::Function",
          id: `the-${id}`,
          logicalId: `${id}0A1B2C3D`,
        })),
      }),
      ...Object.fromEntries(
        ["Gateway", "OrderGateway"].map((id) => [
          `GET /2019-09-30/functions/the-${id}/concurrency`,
          { body: { ReservedConcurrentExecutions: own[id] } },
        ]),
      ),
    });
    const shares = async (unreserved: number, own: Record<string, number>) =>
      (await look("prod", existing(unreserved, own))).sharesConcurrency;
    expect(await shares(200, { Gateway: 500, OrderGateway: 300 })).toBe(false);
    // Deployed without, and other programs of the account reserve more than 100.
    expect(await shares(899, {})).toBe(true);
    expect(await shares(900, {})).toBe(false);
  });

  it("of functions are low in a new account", async () => {
    expect(await found("concurrency", concurrency(10, 10))).toMatchObject({
      state: "warning",
      says: expect.stringMatching(/^Only 10 Lambda functions may run at once .*L-B99A9384/),
    });
  });
});

describe("the account", () => {
  it("must offer the broker in the zones of the stage, by zone id and not by letter", async () => {
    const answers = (zones: string[]): Answers => ({
      "GET /v1/broker-instance-options": { body: { brokerInstanceOptions: brokerOptions(zones) } },
    });
    expect(await found("broker's zones", answers(["us-east-1b", "us-east-1d"]))).toEqual({
      state: "warning",
      says: "Amazon MQ lists mq.m7g.medium in use1-az2, use1-az4 and not in use1-az1, so the broker may fail after 20 minutes: change the zones of us-east-1 in packages/stage/src/regions.ts, or take another region.",
    });
    // A single broker uses only the first zone.
    expect(await found("broker's zones", answers(["us-east-1a"]))).toMatchObject({ state: "ok" });
    expect(await found("broker's zones", answers(["us-east-1a", "us-east-1b"]), "prod")).toMatchObject({
      state: "warning",
      says: expect.stringContaining("and not in use1-az4, so"),
    });
    vi.stubEnv("PRESET", "learner");
    expect(await found("broker's zones", answers([]))).toEqual({
      state: "ok",
      says: "a container runs in every zone",
    });
  });

  it("gets the roles of ECS and RDS before a deployment needs them", async () => {
    const noRole: Answers = {
      GetRole: ({ form }) =>
        form.get("RoleName") === "AWSServiceRoleForECS"
          ? xmlError("NoSuchEntity", "none", 404)
          : xml("GetRole", "<Role><RoleName>r</RoleName></Role>"),
    };
    expect(await found("roles", noRole)).toEqual({
      state: "warning",
      says: "The first deployment of an account needs AWSServiceRoleForECS: `npm run deploy` makes them, or `aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com`.",
    });
    expect(await makeRoles(ACCESS)).toEqual(["AWSServiceRoleForECS"]);
    const made = aws.asked.filter(({ operation }) => operation === "CreateServiceLinkedRole");
    expect(made.map(({ form }) => form.get("AWSServiceName"))).toEqual(["ecs.amazonaws.com"]);
  });

  it("may not be verified for CloudFront, which AWS reports nowhere", async () => {
    const answers = {
      "GET /2020-05-31/distribution": {
        body: "<DistributionList><IsTruncated>false</IsTruncated><Quantity>0</Quantity></DistributionList>",
      },
    };
    expect(await found("CloudFront", answers)).toMatchObject({
      state: "warning",
      says: expect.stringContaining("open a case with AWS Support"),
    });
  });

  it.each([
    ["unknown yet", [], /^AWS does not know the tag sst:stage yet, and the budget counts \$0/, false],
    [
      "not active",
      [{ TagKey: "sst:stage", Status: "Inactive" }],
      /^The tag sst:stage is not active, and the budget counts \$0: `npm run deploy` activates it/,
      true,
    ],
  ])("counts no costs while the tag is %s", async (_, tags, says, isActivated) => {
    const answers = { ListCostAllocationTags: { body: { CostAllocationTags: tags } } };
    expect(await found("cost tag", answers)).toMatchObject({
      state: "warning",
      says: expect.stringMatching(says),
    });
    expect(await activateCostTag(ACCESS)).toBe(isActivated);
    const changes = aws.asked.filter(({ operation }) => operation === "UpdateCostAllocationTagsStatus");
    expect(changes.map(({ json }) => json)).toEqual(
      isActivated ? [{ CostAllocationTagsStatus: [{ TagKey: "sst:stage", Status: "Active" }] }] : [],
    );
  });

  it("of an organisation lets only its payer activate the tag", async () => {
    const answers = {
      ListCostAllocationTags: jsonError(
        "AccessDeniedException",
        "Failed to list Cost Allocation Tags: Linked account doesn't have access to cost allocation tags.",
      ),
    };
    expect(await found("cost tag", answers)).toMatchObject({
      state: "warning",
      says: expect.stringMatching(/^Only the account that pays can activate the tag sst:stage/),
    });
  });

  it.each([
    "broker's zones",
    "Elastic IPs",
    "VPCs",
    "concurrency",
    "Fargate",
    "roles",
    "CloudFront",
    "image scan",
    "cost tag",
  ])("may refuse to answer: %s is then a warning, and the deployment goes on", async (check) => {
    const refuse = (answers: Answers) =>
      Object.fromEntries(
        Object.keys(answers).map((name) => [name, jsonError("AccessDeniedException", DENIED, 403)]),
      );
    const { DescribeStacks, ...others } = EMPTY_ACCOUNT;
    const xmlOnes = Object.fromEntries(
      [
        "DescribeAddresses",
        "DescribeVpcs",
        "DescribeAvailabilityZones",
        "GetRole",
        "GET /2020-05-31/distribution",
      ].map((name) => [name, xmlError("AccessDenied", DENIED, 403)]),
    );
    const { findings, hasFailed } = await look("dev", {
      ...refuse(others),
      ...xmlOnes,
      DescribeStacks: DescribeStacks ?? "silence",
    });
    expect(findings.find((finding) => finding.check === check)).toMatchObject({
      state: "warning",
      says: expect.stringMatching(/^Not known\. The AWS credentials are not allowed to do this: /),
    });
    expect(hasFailed).toBe(false);
  });
});

describe("the stacks of a stage", () => {
  const cases: [string, string[], Finding["state"], RegExp][] = [
    ["nothing", [], "ok", /^nothing yet: the first deployment$/],
    [
      "a stage that works",
      [
        stack("dev-cloud-design-Api", "UPDATE_COMPLETE"),
        stack("prod-cloud-design-Api", "UPDATE_IN_PROGRESS"),
      ],
      "ok",
      /^1 stacks, changed 2026-11-26 08:00 UTC$/,
    ],
    [
      "a first deployment that failed",
      [stack("dev-cloud-design-Network", "ROLLBACK_COMPLETE")],
      "ok",
      /^deploy deletes the rest of a failed creation: Network$/,
    ],
    [
      "a half-made stage",
      [stack("dev-cloud-design-Api", "CREATE_COMPLETE"), stack("dev-cloud-design-Site", "ROLLBACK_FAILED")],
      "ok",
      /^1 stacks, .*; deploy deletes the rest of a failed creation: Site$/,
    ],
    [
      "another deployment",
      [stack("dev-cloud-design-Api", "UPDATE_IN_PROGRESS")],
      "failed",
      /^Another deployment is running: the stack dev-cloud-design-Api is UPDATE_IN_PROGRESS, .*\. Wait until /,
    ],
    [
      "a rollback that failed",
      [stack("dev-cloud-design-Api", "UPDATE_ROLLBACK_FAILED")],
      "failed",
      /`aws cloudformation continue-update-rollback --region us-east-1 --stack-name dev-cloud-design-Api`/,
    ],
    [
      "a half-removed stage",
      [stack("dev-cloud-design-Api", "DELETE_FAILED")],
      "failed",
      /^The stage dev is half removed: .* Finish with `npm run remove -- --stage dev --region us-east-1`/,
    ],
  ];
  it.each(cases)("are distinguished: %s", async (_, members, state, says) => {
    expect(await found("stacks", stacks(...members))).toEqual({
      state,
      says: expect.stringMatching(says),
    });
  });

  it("come after the bootstrap stacks, which are created, updated or refused", async () => {
    const ready = [
      stack("CDKToolkit", "UPDATE_COMPLETE", { BootstrapVersion: "28" }),
      stack("SSTBootstrap", "CREATE_COMPLETE", { Version: "7.4" }),
    ];
    expect(await found("bootstrap", stacks(...ready))).toEqual({
      state: "ok",
      says: "CDKToolkit 28, SSTBootstrap 7.4",
    });
    expect(
      await found("bootstrap", stacks(stack("CDKToolkit", "CREATE_COMPLETE", { BootstrapVersion: "6" }))),
    ).toEqual({
      state: "ok",
      says: "CDKToolkit 6, which deploy brings up to date, deploy makes SSTBootstrap",
    });
    expect(await found("bootstrap", stacks(stack("CDKToolkit", "ROLLBACK_COMPLETE")))).toMatchObject({
      state: "failed",
      says: expect.stringMatching(/^The stack CDKToolkit, which all stages share, is ROLLBACK_COMPLETE: /),
    });
  });
});

describe("Docker", () => {
  it.each([
    [
      "no-such-docker",
      /there is no no-such-docker: install Docker, or name finch or podman with CDK_DOCKER\.$/,
    ],
    // `false info` ends with 1, like `docker info` without its daemon.
    ["false", /^false does not answer: start it, /],
  ])("is checked before anything is built (%s)", async (command, says) => {
    vi.stubEnv("CDK_DOCKER", command);
    expect(await found("Docker", {})).toEqual({ state: "failed", says: expect.stringMatching(says) });
  });
});
