import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { noSuchStack } from "../testing/account-answers.ts";
import { jsonError, type RecordedAws, startRecordedAws, xml, xmlError } from "../testing/recorded-aws.ts";
import { clearStack } from "./clear-stacks.ts";

const ACCESS = { region: "us-east-1" };
const STACK = {
  name: "Databases",
  fullName: "prod-cloud-design-Databases",
  status: "ROLLBACK_FAILED",
  changedAt: undefined,
  outputs: {},
};
const resource = (type: string, id: string, status: string) =>
  `<member><ResourceType>${type}</ResourceType><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>${id}</PhysicalResourceId><ResourceStatus>${status}</ResourceStatus></member>`;
const listed = (status: string) =>
  xml(
    "DescribeStacks",
    `<Stacks><member><StackName>${STACK.fullName}</StackName><StackStatus>${status}</StackStatus><CreationTime>2026-11-26T08:00:00Z</CreationTime></member></Stacks>`,
  );
const none = xml("DescribeStacks", "<Stacks></Stacks>");

let aws: RecordedAws;
/** CloudFormation's answers about the stack, one after the other. */
let states: ReturnType<typeof listed>[];

beforeEach(async () => {
  states = [listed(STACK.status), none];
  aws = await startRecordedAws({
    ListStackResources: xml(
      "ListStackResources",
      `<StackResourceSummaries>${[
        resource("AWS::RDS::DBInstance", "left", "DELETE_FAILED"),
        resource("AWS::RDS::DBInstance", "gone", "DELETE_COMPLETE"),
        resource("AWS::ElasticLoadBalancingV2::LoadBalancer", "balancer", "DELETE_FAILED"),
        resource("AWS::Cognito::UserPool", "pool", "DELETE_FAILED"),
        resource("AWS::KMS::Key", "key", "DELETE_FAILED"),
      ].join("")}</StackResourceSummaries>`,
    ),
    ModifyDBInstance: xml("ModifyDBInstance", ""),
    ModifyLoadBalancerAttributes: xml("ModifyLoadBalancerAttributes", ""),
    UpdateUserPool: { body: {} },
    DeleteStack: xml("DeleteStack", ""),
    DescribeStacks: () => states.shift() ?? none,
  });
  vi.stubEnv("AWS_ENDPOINT_URL", aws.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "key");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_PROFILE", "");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws[Symbol.asyncDispose]();
});

const pause = () => Promise.resolve();
const clear = () => clearStack(STACK, "prod", ACCESS, pause);
const asked = (operation: string) => aws.asked.filter((question) => question.operation === operation);

it("lifts the protection of the rest of a stack that was never complete, and waits until the stack is deleted", async () => {
  states = [listed(STACK.status), listed("DELETE_IN_PROGRESS"), listed("DELETE_IN_PROGRESS"), none];
  await clear();
  expect(asked("ModifyDBInstance").map(({ form }) => Object.fromEntries(form))).toEqual([
    expect.objectContaining({ DBInstanceIdentifier: "left", DeletionProtection: "false" }),
  ]);
  expect(asked("ModifyLoadBalancerAttributes").map(({ form }) => form.get("LoadBalancerArn"))).toEqual([
    "balancer",
  ]);
  expect(asked("UpdateUserPool").map(({ json }) => json)).toEqual([
    { UserPoolId: "pool", DeletionProtection: "INACTIVE" },
  ]);
  expect(asked("DeleteStack").map(({ form }) => form.get("StackName"))).toEqual([STACK.fullName]);
  expect(asked("DescribeStacks")).toHaveLength(4);
});

it("goes on when CloudFormation lists resources that it never created", async () => {
  aws.answers.ModifyDBInstance = xmlError("DBInstanceNotFound", "none", 404);
  aws.answers.UpdateUserPool = jsonError("ResourceNotFoundException", "none");
  await clear();
  expect(asked("DeleteStack")).toHaveLength(1);
});

it.each(["CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_COMPLETE"])(
  "touches no stack that another deployment has made meanwhile: %s",
  async (status) => {
    states = [listed(status)];
    await expect(clear()).rejects.toThrow(`Databases is ${status}. Wait until it has ended`);
    expect(aws.asked.map(({ operation }) => operation)).toEqual(["DescribeStacks"]);
  },
);

it("has nothing to do when the stack is gone meanwhile", async () => {
  states = [none];
  await clear();
  expect(aws.asked.map(({ operation }) => operation)).toEqual(["DescribeStacks"]);
});

it("names the stack that cannot be deleted, and deletes nothing without the right to list resources", async () => {
  states = [listed(STACK.status), listed("DELETE_FAILED"), listed(STACK.status), listed(STACK.status)];
  await expect(clear()).rejects.toThrow(
    /^The stack prod-cloud-design-Databases, whose creation failed, cannot be deleted: /,
  );
  aws.answers.ListStackResources = noSuchStack(STACK.fullName);
  await expect(clear()).rejects.toThrow(/does not exist/);
  aws.answers.ListStackResources = xmlError("AccessDenied", "not you", 403);
  await expect(clear()).rejects.toThrow(/^The AWS credentials are not allowed to do this: not you/);
  expect(asked("DeleteStack")).toHaveLength(1);
});
