import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { jsonError, type RecordedAws, startRecordedAws } from "@cloud-design/stage/testing/recorded-aws";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BROKER_CONTAINER, DENIED, recordedStage, STAGE } from "../testing/recorded-stage.ts";
import { typeCommand } from "../testing/type-command.ts";

const PREFIX = `${STAGE}-cloud-design`;
const MINUTE_MS = 60_000;

let aws: RecordedAws;
/** The lines of the log, by their age in minutes. */
let lines: [minutes: number, message: string][];

beforeEach(async () => {
  lines = [];
  aws = await startRecordedAws(recordedStage({ queueUrl: "http://queue" }));
  const now = Date.now();
  // CloudWatch answers from the oldest line on, with empty pages in between.
  aws.answers.FilterLogEvents = ({ json }) => {
    const { startTime, endTime = Number.POSITIVE_INFINITY, nextToken } = json as Record<string, number>;
    if (nextToken === undefined) return { body: { events: [], nextToken: "2" } };
    const events = lines
      .map(([minutes, message], index) => ({
        timestamp: now - minutes * MINUTE_MS,
        message,
        eventId: String(index),
      }))
      .filter(({ timestamp }) => timestamp >= Number(startTime) && timestamp <= endTime)
      .toSorted((a, b) => a.timestamp - b.timestamp);
    return { body: { events } };
  };
});
afterEach(() => aws[Symbol.asyncDispose]());

const logs = (...args: string[]) => typeCommand(["ops", "logs", ...args, "--stage", STAGE], aws.url);
const asked = () => aws.asked.filter(({ operation }) => operation === "FilterLogEvents");

describe("npm run ops -- logs --stage", () => {
  it.each([
    ["gateway", `${PREFIX}-Gateway-GatewayLogsB360C1DA-x`],
    ["billing", `${PREFIX}-Billing-Logs6819BB44-x`],
    ["rabbitmq", "/aws/amazonmq/broker/b-1/general"],
    ["inventory-database", `/aws/rds/instance/${PREFIX}-inventory-billing/postgresql`],
  ])("finds the log of %s among the resources of CloudFormation", async (part, group) => {
    lines = [[0.5, "one line\n"]];
    expect(await logs(part, "-n", "1")).toEqual({ code: 0, stdout: "one line\n", stderr: "" });
    expect(asked()[0]?.json).toMatchObject({ logGroupName: group });
  });

  it("finds the log of a broker in a container", async () => {
    Object.assign(aws.answers, {
      ListStackResources: recordedStage({ queueUrl: "http://queue" }, BROKER_CONTAINER).ListStackResources,
    });
    lines = [[0.5, "one line\n"]];
    expect((await logs("rabbitmq", "-n", "1")).stdout).toBe("one line\n");
    expect(asked()[0]?.json).toMatchObject({ logGroupName: `${PREFIX}-Broker-Logs6819BB44-x` });
  });

  it("prints the last lines in order, reads no further back than necessary, and escapes characters that command a terminal", async () => {
    lines = [
      [50, "too old"],
      [45, "first"],
      [5, "second\u001b[2J"],
      [0.1, "third"],
    ];
    expect((await logs("gateway", "--lines", "3")).stdout).toBe("first\nsecond\\u001b[2J\nthird\n");
    const windows = asked().map(({ json }) =>
      Math.round((Number(json.endTime) - Number(json.startTime)) / MINUTE_MS),
    );
    expect([...new Set(windows)]).toEqual([1, 9, 50]);
    expect((await logs("gateway", "-n", "0")).stdout).toBe("");
  });

  it("goes on with new lines, each once", async () => {
    lines = [[0.1, "already there"]];
    const cli = join(ROOT, "packages/cli/src/cli.ts");
    const child = spawn(process.execPath, [cli, "ops", "logs", "billing", "-f", "--stage", STAGE], {
      env: {
        PATH: process.env.PATH,
        AWS_ENDPOINT_URL: aws.url,
        AWS_ACCESS_KEY_ID: "nobody",
        AWS_SECRET_ACCESS_KEY: "nothing",
      },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let said = "";
    for await (const chunk of child.stdout.setEncoding("utf8")) {
      said += chunk;
      if (lines.length === 1) lines.push([0, "new"]);
      else if (said.includes("new\n") && lines.length === 2) lines.push([-0.01, "newer"]);
      if (said.includes("newer\n")) break;
    }
    child.kill("SIGINT");
    await once(child, "close");
    expect(said).toBe("already there\nnew\nnewer\n");
  });

  it.each([
    ["no such part", ["queue"], () => {}, /^A stage has no part queue with a log: the parts are gateway, /],
    ["no part", [], () => {}, /^Name a part: the parts are gateway, /],
    [
      "a right that is missing",
      ["gateway"],
      () => {
        aws.answers.FilterLogEvents = DENIED;
      },
      /^The AWS credentials are not allowed to do this: You may not\./,
    ],
    [
      "an answer that goes on failing",
      ["gateway"],
      () => {
        aws.answers.FilterLogEvents = jsonError("InvalidParameterException", "No");
      },
      /^AWS answered with InvalidParameterException: No\.$/m,
    ],
  ])("explains %s in one sentence", async (_, args, change, sentence) => {
    change();
    expect(await logs(...args)).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(sentence) });
  });

  it("repeats a throttled request", async () => {
    lines = [[0.5, "one line"]];
    const answer = aws.answers.FilterLogEvents;
    let refusals = 0;
    aws.answers.FilterLogEvents = (question) => {
      if (refusals++ < 2) return jsonError("ThrottlingException", "Rate exceeded");
      return typeof answer === "function" ? answer(question) : undefined;
    };
    expect(await logs("gateway", "-n", "1")).toMatchObject({ code: 0, stdout: "one line\n" });
  });
});
