import { type RecordedAws, startRecordedAws, xmlError } from "@cloud-design/stage/testing/recorded-aws";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { run } from "../commands/ops/trace.ts";
import { DENIED, recordedStage, STAGE } from "../testing/recorded-stage.ts";

const ORDER = "ord_9WtV6uvHFyn4nHx0DZD2Pcmvk8nCyxJVHpd3SpZF";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const line = (time: string, service: string, message: string, fields: object = {}) =>
  JSON.stringify({ level: "info", time, service, message, order_id: ORDER, trace_id: TRACE, ...fields });

let aws: RecordedAws;
let lines: string[];
/** CloudWatch's answers about the query, one after the other; the last one repeats. */
let states: string[];

beforeEach(async () => {
  states = ["Complete"];
  lines = [
    line("2026-11-26T12:00:00.000Z", "gateway", "order accepted"),
    line("2026-11-26T12:00:00.100Z", "order-bridge", "order handed over", { receives: 1 }),
    line("2026-11-26T12:00:00.350Z", "billing", "order recorded", { outcome: "recorded" }),
  ];
  aws = await startRecordedAws({
    ...recordedStage({ queueUrl: "http://queue" }),
    StartQuery: { body: { queryId: "query-1" } },
    GetQueryResults: () => {
      const status = states.length > 1 ? states.shift() : states[0];
      const results = lines.map((value) => [
        { field: "@message", value },
        { field: "@ptr", value: "p" },
      ]);
      return { body: { status, results: status === "Complete" ? results : [] } };
    },
  });
  vi.stubEnv("AWS_ENDPOINT_URL", aws.url);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "nobody");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "nothing");
  for (const name of ["AWS_REGION", "AWS_PROFILE"]) vi.stubEnv(name, undefined);
  for (const file of ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]) vi.stubEnv(file, "/nowhere");
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await aws[Symbol.asyncDispose]();
});

const query = () => aws.asked.find(({ operation }) => operation === "StartQuery")?.json as never;

async function onStage(...args: string[]): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  expect(await run([...args, "--stage", STAGE])).toBe(0);
  return log.mock.calls.flat().join("\n");
}

it("asks CloudWatch for the lines of the order, in the logs of the parts that it passes, and shows them as the laptop does", async () => {
  states = ["Scheduled", "Running", "Complete"];
  expect((await onStage(ORDER)).split("\n")).toEqual([
    `order    ${ORDER}`,
    `trace    ${TRACE}`,
    "ordered  2026-11-26 12:00:00.000 UTC",
    "outcome  recorded after 350 ms",
    "",
    "  START    TOOK  WHERE                   WHAT",
    "+0.0 ms       –  gateway                 hands it to SQS       ▏",
    "+0.0 ms  100 ms  SQS orders              waits                 ░░░░░░░░",
    "+100 ms       –  order-bridge            hands it to RabbitMQ          ▏",
    "+100 ms  250 ms  RabbitMQ billing_queue  waits                         ░░░░░░░░░░░░░░░░░░░░",
    "+350 ms       –  billing                 records it                                       ▏",
  ]);
  expect(query()).toMatchObject({
    logGroupNames: [
      "recorded-1-cloud-design-Gateway-GatewayLogsB360C1DA-x",
      "recorded-1-cloud-design-Gateway-OrderGatewayLogsB360C1DA-x",
      "recorded-1-cloud-design-Orders-OrderBridgeLogsB360C1DA-x",
      "recorded-1-cloud-design-Billing-Logs6819BB44-x",
      "recorded-1-cloud-design-DeadLetters-DeadLettersLogsB360C1DA-x",
    ],
    queryString: `fields @message | filter order_id = "${ORDER}" | sort @timestamp asc`,
  });
  const { startTime, endTime } = query();
  expect(endTime - startTime).toBeCloseTo(86_400, -1);
});

it("finds the order of a trace, within the given time", async () => {
  expect(await onStage(`00-${TRACE}-00f067aa0ba902b7-01`, "--since", "7d", "--json")).toContain(ORDER);
  const { startTime, endTime, queryString } = query();
  expect(endTime - startTime).toBeCloseTo(604_800, -1);
  expect(queryString).toContain(`filter trace_id = "${TRACE}"`);
});

it.each([
  [
    "no line",
    () => {
      lines = [];
    },
    /^No line in the logs of recorded-1 tells of the order ord_/,
  ],
  [
    "no such stage",
    () => {
      aws.answers.ListStackResources = xmlError("ValidationError", "Stack with id x does not exist");
    },
    /^There is no stack recorded-1-cloud-design-Gateway in us-east-1: /,
  ],
  [
    "a query that CloudWatch ends",
    () => {
      states = ["Failed"];
    },
    /^CloudWatch has ended the query \(Failed\): /,
  ],
  [
    "a caller without the permission",
    () => {
      aws.answers.StartQuery = DENIED;
    },
    /^The AWS credentials are not allowed to do this: You may not\./,
  ],
])("explains %s in one sentence", async (_, change, sentence) => {
  change();
  await expect(onStage(ORDER)).rejects.toThrow(sentence);
});

it.each([
  [[], /^Name an order, /],
  [["a", "b"], /^trace takes one order or trace, not 2\.$/],
  [[ORDER, "--since", "7d"], /^--since needs --stage NAME beside it\.$/],
  [[ORDER, "--stage", "dev", "--since", "long"], /^--since takes minutes, hours or days /],
  [[ORDER, "--stage", "Prod"], /^The stage cannot be called "Prod": /],
])("refuses %j with a sentence", async (args, sentence) => {
  await expect(run(args)).rejects.toThrow(sentence);
});
