import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { run } from "../commands/ops/trace.ts";
import { drain, listen } from "../stand-in.ts";

const ORDER = "ord_9WtV6uvHFyn4nHx0DZD2Pcmvk8nCyxJVHpd3SpZF";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const OURS = [
  "dev-cloud-design-Gateway-GatewayLogs1A2B-x",
  "dev-cloud-design-Orders-OrderBridgeLogs3C-y",
  "dev-cloud-design-Billing-Logs4D-z",
  "dev-cloud-design-DeadLetters-DeadLettersLogs5E-q",
];
const line = (time: string, service: string, message: string, fields: object = {}) =>
  JSON.stringify({ level: "info", time, service, message, order_id: ORDER, trace_id: TRACE, ...fields });

let logs: Server;
let asked: Record<string, unknown>[];
let groups: string[];
let lines: string[];
/** What CloudWatch says of the query, one after the other; the last stays. */
let states: string[];
let refusal: string | undefined;

beforeEach(async () => {
  [asked, groups, states, refusal] = [
    [],
    [...OURS, "dev-cloud-design-Inventory-Logs1-x"],
    ["Complete"],
    undefined,
  ];
  lines = [
    line("2026-11-26T12:00:00.000Z", "gateway", "order accepted"),
    line("2026-11-26T12:00:00.100Z", "order-bridge", "order handed over", { receives: 1 }),
    line("2026-11-26T12:00:00.350Z", "billing", "order recorded", { outcome: "recorded" }),
  ];
  logs = createServer(async (request, response) => {
    const action = String(request.headers["x-amz-target"]).replace("Logs_20140328.", "");
    const question = JSON.parse(await text(request));
    asked.push({ action, ...question });
    response.setHeader("content-type", "application/x-amz-json-1.1");
    if (refusal !== undefined)
      return response.writeHead(400).end(JSON.stringify({ __type: refusal, message: "not you" }));
    response.end(JSON.stringify(answerTo(action, question)));
  });
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${await listen(logs, 0)}`);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "nobody");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "nothing");
  for (const name of ["AWS_REGION", "AWS_PROFILE"]) vi.stubEnv(name, undefined);
  for (const file of ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]) vi.stubEnv(file, "/nowhere");
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await drain(logs, 1);
});

/** As CloudWatch Logs answers: two pages of groups, a query, and its results once it has looked through all. */
function answerTo(action: string, { nextToken }: { nextToken?: string }): object {
  if (action === "DescribeLogGroups") {
    const page = nextToken === undefined ? groups.slice(0, 2) : groups.slice(2);
    const logGroups = page.map((logGroupName) => ({ logGroupName }));
    return { logGroups, ...(nextToken === undefined && { nextToken: "2" }) };
  }
  if (action === "StartQuery") return { queryId: "query-1" };
  const status = states.length > 1 ? states.shift() : states[0];
  const results = lines.map((value) => [
    { field: "@message", value },
    { field: "@ptr", value: "p" },
  ]);
  return { status, results: status === "Complete" ? results : [] };
}

async function onDev(...args: string[]): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  expect(await run([...args, "--stage", "dev"])).toBe(0);
  return log.mock.calls.flat().join("\n");
}

it("asks CloudWatch for the lines of the order, in the logs that one leaves a line in, and shows them as the laptop does", async () => {
  states = ["Scheduled", "Running", "Complete"];
  expect((await onDev(ORDER)).split("\n")).toEqual([
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
  const query = asked.find(({ action }) => action === "StartQuery");
  expect(query).toMatchObject({
    logGroupNames: OURS,
    queryString: `fields @message | filter order_id = "${ORDER}" | sort @timestamp asc`,
  });
  const { startTime, endTime } = query as { startTime: number; endTime: number };
  expect(endTime - startTime).toBeCloseTo(86_400, -1);
});

it("finds the order of a trace, as far back as it is told to look", async () => {
  expect(await onDev(`00-${TRACE}-00f067aa0ba902b7-01`, "--since", "7d", "--json")).toContain(ORDER);
  const { startTime, endTime, queryString } = asked.find(({ action }) => action === "StartQuery") as never;
  expect(endTime - startTime).toBeCloseTo(604_800, -1);
  expect(queryString).toContain(`filter trace_id = "${TRACE}"`);
});

it.each([
  [
    "no line",
    () => {
      lines = [];
    },
    /^No line in the logs of dev tells of the order ord_/,
  ],
  [
    "no such stage",
    () => {
      groups = [];
    },
    /^There are no log groups of dev in us-east-1: /,
  ],
  [
    "a query that is broken off",
    () => {
      states = ["Failed"];
    },
    /^CloudWatch has broken the question off \(Failed\): /,
  ],
  [
    "a caller who may not",
    () => {
      refusal = "AccessDeniedException";
    },
    /^The AWS credentials are not allowed to do this: not you\./,
  ],
])("explains %s in one sentence", async (_, change, sentence) => {
  change();
  await expect(onDev(ORDER)).rejects.toThrow(sentence);
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
