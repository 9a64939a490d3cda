import { type RecordedAws, startRecordedAws, xmlError } from "@cloud-design/stage/testing/recorded-aws";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  BROKER_CONTAINER,
  DENIED,
  functionName,
  recordedStage,
  STAGE,
  serviceOf,
} from "../testing/recorded-stage.ts";
import { typeCommand } from "../testing/type-command.ts";

let aws: RecordedAws;

beforeEach(async () => {
  aws = await startRecordedAws({});
  Object.assign(aws.answers, recordedStage({ queueUrl: aws.url }));
});
afterEach(() => aws[Symbol.asyncDispose]());

const ps = (...args: string[]) => typeCommand(["ops", "ps", "--stage", STAGE, ...args], aws.url);
const statesOf = async () => {
  const { stdout, stderr } = await ps("--json");
  expect(stderr).toBe("");
  const states: { part: string; state: string; problem: string | null }[] = JSON.parse(stdout);
  return Object.fromEntries(states.map(({ part, ...state }) => [part, state]));
};

describe("npm run ops -- ps --stage", () => {
  it("lists every part with the state, the counts and the age from AWS", async () => {
    const { code, stdout } = await ps();
    expect(code).toBe(0);
    const rows = stdout.split("\n").map((row) => row.trim().split(/ {2,}/));
    expect(rows.map((row) => row.slice(0, 3))).toEqual([
      ["PART", "STATE", "COUNTS"],
      ...[
        "gateway",
        "order-gateway",
        "order-bridge",
        "import-splitter",
        "import-loader",
        "status-probe",
        "token-scopes",
        "dead-letters",
        "personal-data",
        "webhook-delivery",
        "sleeper",
        "migrate",
        "certificate",
      ].map((name) => [name, "active", "-"]),
      ["inventory", "completed", "2 of 2 tasks"],
      ["billing", "completed", "2 of 2 tasks"],
      ["inventory-billing-database", "available", "-"],
      ["inventory-billing-proxy", "available", "-"],
      ["rabbitmq", "running", "1 node"],
      ["distribution", "in progress", "-"],
      ["orders", "available", "1,234 waiting, 7 in flight"],
      ["orders-priority", "available", "1,234 waiting, 7 in flight"],
      ["orders-dead-letters", "available", "0 waiting, 7 in flight"],
      ["webhook-deliveries", "available", "1,234 waiting, 7 in flight"],
      ["webhook-retries", "available", "1,234 waiting, 7 in flight"],
      ["webhook-dead-letters", "available", "0 waiting, 7 in flight"],
      ...["imports", "import-chunks"].flatMap((name) => [
        [name, "available", "1,234 waiting, 7 in flight"],
        [`${name}-dead-letters`, "available", "0 waiting, 7 in flight"],
      ]),
      [""],
    ]);
    expect(rows.slice(1, 15).every(([, , , changed]) => /^\d+ \w+ ago$/.test(changed ?? ""))).toBe(true);
  });

  it("shows the task of a broker in a container", async () => {
    Object.assign(aws.answers, recordedStage({ queueUrl: aws.url }, BROKER_CONTAINER));
    expect((await statesOf()).rabbitmq).toMatchObject({
      state: "completed",
      counts: { running: 2, desired: 2 },
    });
  });

  it("refuses a misspelt region without a request", async () => {
    expect(await ps("--region", "us-east-11")).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^The region us-east-11 is none of us-east-1, /),
    });
    expect(aws.asked).toEqual([]);
  });

  it("lists every part even if a right is missing, and names that right in the row", async () => {
    aws.answers.DescribeServices = DENIED;
    aws.answers.DescribeDBInstances = xmlError("AccessDenied", "Not you", 403);
    const states = await statesOf();
    for (const part of ["inventory", "billing"]) {
      expect(states[part]).toMatchObject({
        state: "not allowed",
        problem: expect.stringMatching(/^The AWS credentials are not allowed to do this: You may not\./),
      });
    }
    expect(states["inventory-billing-database"]).toMatchObject({ state: "not allowed" });
    expect(states.gateway).toMatchObject({ state: "active", problem: null });
    expect(states.orders).toMatchObject({ state: "available" });
  });

  it("shows a half-made stage, with the missing stacks", async () => {
    const whole = aws.answers.ListStackResources as (question: never) => object;
    aws.answers.ListStackResources = (question) => {
      const stack = question.form.get("StackName") ?? "";
      if (/-(Billing|Gateway)$/.test(stack)) question.form.set("StackName", `${stack}-not-yet`);
      return whole(question as never) as never;
    };
    const states = await statesOf();
    expect(states.billing).toMatchObject({
      state: "missing",
      problem: expect.stringMatching(/^There is no stack recorded-1-cloud-design-Billing.* in us-east-1: /),
    });
    expect(states.inventory).toMatchObject({ state: "completed" });
  });

  it("shows why a rollout is not done, and that a function is being changed", async () => {
    aws.answers.DescribeServices = {
      body: {
        services: [
          serviceOf({ rolloutState: "IN_PROGRESS", rolloutStateReason: "ECS deployment in progress." }),
        ],
      },
    };
    aws.answers[`GET /2015-03-31/functions/${functionName("Gateway", "Gateway")}/configuration`] = {
      body: {
        State: "Active",
        LastUpdateStatus: "InProgress",
        LastUpdateStatusReason: "The function is being made.",
      },
    };
    const states = await statesOf();
    expect(states.inventory).toMatchObject({ state: "in progress", problem: "ECS deployment in progress." });
    expect(states.gateway).toMatchObject({
      state: "active, update in progress",
      problem: "The function is being made.",
    });
  });

  it("repeats a request that AWS throttles", async () => {
    let refusals = 0;
    const answer = aws.answers.DescribeDBProxies as object;
    aws.answers.DescribeDBProxies = () =>
      (refusals++ === 0 ? xmlError("Throttling", "Rate exceeded") : answer) as never;
    expect((await statesOf())["inventory-billing-proxy"]).toMatchObject({ state: "available" });
    expect(refusals).toBe(2);
  });

  it.each([
    [
      "no such stage",
      "ValidationError",
      "does not exist",
      /^There is no stack recorded-1-cloud-design-\w+ in us-east-1: /,
    ],
    ["expired credentials", "ExpiredToken", "The token has expired", /^The AWS credentials have expired: /],
  ])("explains a failure of all parts once: %s", async (_, code, message, sentence) => {
    aws.answers.ListStackResources = xmlError(code, message);
    const said = await ps();
    expect(said).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(sentence) });
    expect(said.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("refuses invalid flags", async () => {
    expect((await typeCommand(["ops", "ps", "--region", "eu-west-3"], aws.url)).stderr).toBe(
      "--region needs --stage NAME beside it.\n",
    );
    expect((await typeCommand(["ops", "ps", "--stage", "Prod"], aws.url)).stderr).toMatch(
      /^The stage cannot be called "Prod": /,
    );
    expect(aws.asked).toEqual([]);
  });
});
