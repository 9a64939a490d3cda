import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { DeadLettersRequest } from "@cloud-design/functions/dead-letters/protocol";
import { ROOT } from "@cloud-design/local/platform/settings";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { drain, listen } from "@cloud-design/local/stand-ins/stand-in";
import { type AwsStub, startAwsStub } from "@cloud-design/stacks/testing/aws-stub";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "./dlq.ts";

const LETTER = {
  id: "invoice-7",
  orderId: "ext_7",
  cause: "The message is not an order.\u001b[2J",
  since: "2026-11-26T08:00:00.000Z",
  deliveries: 3,
  isDroppable: true,
  lane: "standard",
};
const INVOKED = /^\/2015-03-31\/functions\/(.+)\/invocations$/;

let aws: AwsStub;
let account: Server;
let asked: { functionName: string; request: DeadLettersRequest }[];
/** The answers of the function, one after the other; the last one repeats. */
let answers: { status?: number; headers?: Record<string, string>; body: unknown }[];

beforeEach(async () => {
  aws = await startAwsStub();
  asked = [];
  account = createServer(async (request, response) => {
    const body = await text(request);
    const [, functionName] = INVOKED.exec(request.url ?? "") ?? [];
    if (functionName === undefined) {
      const { "content-type": type = "" } = request.headers;
      const answer = await fetch(aws.url, { method: "POST", body, headers: { "content-type": type } });
      response.writeHead(answer.status).end(await answer.text());
      return;
    }
    asked.push({ functionName, request: DeadLettersRequest.parse(JSON.parse(body)) });
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? { body: null };
    response.writeHead(answer.status ?? 200, answer.headers).end(JSON.stringify(answer.body));
  });
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${await listen(account, 0)}`);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "nobody");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "nothing");
  vi.stubEnv("AWS_REGION", undefined);
  vi.stubEnv("AWS_PROFILE", undefined);
  for (const file of ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]) vi.stubEnv(file, "/nowhere");
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await drain(account, 1);
  await aws[Symbol.asyncDispose]();
});

/** The command's output (for people and programs) and its error output (for people only). */
async function onDev(...args: string[]): Promise<{ out: string; beside: string }> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const write = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  try {
    expect(await run([...args, "--stage", "dev", "--queue", "billing"])).toBe(0);
    return { out: log.mock.calls.flat().join("\n"), beside: write.mock.calls.flat().join("") };
  } finally {
    log.mockRestore();
    write.mockRestore();
  }
}

describe("npm run ops -- dlq --stage", () => {
  it("asks the stage's function, and says how many it read; text from a message cannot move the cursor", async () => {
    answers = [{ body: { looked: 1, total: 2_000, letters: [LETTER] } }];
    expect(await onDev("list")).toEqual({
      beside: "",
      out: [
        "QUEUE    COUNT  OLDEST                   CAUSE",
        "billing      1  2026-11-26 08:00:00 UTC  The message is not an order.\\u001b[2J",
        "",
        "QUEUE    SINCE                    ID",
        "billing  2026-11-26 08:00:00 UTC  invoice-7",
        "billing: only the first 1 of 2,000 dead letters were read.",
      ].join("\n"),
    });
    expect(asked).toEqual([
      { functionName: "dev-cloud-design-dead-letters", request: { action: "list", queue: "billing" } },
    ]);
  });

  it.each([
    { body: "no ord", bodyEncoding: "utf8", printed: "no ord" },
    { body: "bm8gb3Jk", bodyEncoding: "base64", printed: "in base64: bm8gb3Jk" },
  ])("shows where a long body ($bodyEncoding) is cut", async ({ printed, ...shown }) => {
    const letter = { ...LETTER, ...shown, bodyBytes: 16_000_000, replays: 0 };
    answers = [{ body: { looked: 1, total: 1, letters: [letter] } }];
    const lines = (await onDev("show", "invoice-7")).out.split("\n").slice(-2);
    expect(lines.map((line) => line.trim())).toEqual([
      `body        ${printed}`,
      "... cut: the first 6 of 16000000 bytes",
    ]);
  });

  it("repeats the request until the function has done all, and passes on who asks and why", async () => {
    answers = [
      { body: { looked: 2, total: 3, done: ["a", "b"], refused: [], isComplete: false } },
      { body: { looked: 1, total: 1, done: ["c"], refused: [], isComplete: true } },
    ];
    const { out, beside } = await onDev("replay", "--all", "--why", "mended in 1.2", "--rate", "5");
    expect(out).toBe("");
    expect(beside).toContain("3 replayed");
    expect(asked.map(({ request }) => request)).toEqual(
      Array(2).fill({
        action: "replay",
        queue: "billing",
        select: { all: true },
        by: "arn",
        why: "mended in 1.2",
        run: expect.any(String),
        ratePerSecond: 5,
      }),
    );
    expect(new Set(asked.map(({ request }) => "run" in request && request.run)).size).toBe(1);
  });

  it("accepts an id with a control character in the spelling of the list", async () => {
    const odd = { ...LETTER, id: "a\u0007\nb", body: "", bodyBytes: 0, bodyEncoding: "utf8", replays: 0 };
    answers = [{ body: { looked: 1, total: 1, letters: [odd] } }];
    const spelled = "a\\u0007\\u000ab";
    expect((await onDev("list")).out).toContain(spelled);
    expect((await onDev("show", spelled)).out).toContain(`id          ${spelled}\n`);
    expect(asked.at(-1)?.request).toEqual({ action: "show", queue: "billing", id: odd.id });
    answers = [{ body: { looked: 1, total: 1, done: [], refused: [], isComplete: true } }];
    await expect(onDev("drop", spelled, "--why", "tidy")).rejects.toThrow(
      `There is no dead letter ${spelled} in billing.`,
    );
    expect(asked.at(-1)?.request).toMatchObject({ action: "drop", select: { ids: [odd.id] } });
  });

  it("names the dead letters that do not exist, and those that may not be dropped", async () => {
    answers = [{ body: { looked: 1, total: 1, done: [], refused: ["ord_1"], isComplete: true } }];
    await expect(onDev("drop", "ord_1", "nothing", "--why", "tidy")).rejects.toThrow(
      /^There is no dead letter nothing in billing\.\nord_1 was not dropped, because nothing else is left of this order: replay it /,
    );
  });

  it.each([
    ["by cause", ["--cause", "refuses"]],
    ["by id", ["a", "b"]],
    ["altogether", ["--all"]],
  ])("fails when the selection %s may match more than it has read", async (_, selection) => {
    answers = [{ body: { looked: 1_001, total: 2_000, done: ["a"], refused: [], isComplete: true } }];
    await expect(onDev("replay", ...selection, "--why", "mended")).rejects.toThrow(
      /billing: only the first 1,001 of 2,000 dead letters were read\.\nMore dead letters that match may lie behind those: /,
    );
  });

  it("succeeds when it has found all ids, even if it has not read every dead letter", async () => {
    answers = [{ body: { looked: 1_001, total: 2_000, done: ["a"], refused: [], isComplete: true } }];
    const { beside } = await onDev("replay", "a", "--why", "mended");
    expect(beside).toContain("1 replayed");
  });

  it.each([
    [
      "a stage without the function",
      { status: 404, headers: { "x-amzn-errortype": "ResourceNotFoundException" }, body: { Message: "no" } },
      /^There is no function dev-cloud-design-dead-letters in us-east-1: /,
    ],
    [
      "a caller without the permission",
      { status: 403, headers: { "x-amzn-errortype": "AccessDeniedException" }, body: { Message: "not you" } },
      /^The AWS credentials are not allowed to do this: not you\./,
    ],
    [
      "a queue that does not answer",
      {
        headers: { "x-amz-function-error": "Unhandled" },
        body: {
          errorType: "DomainError",
          errorMessage: "RabbitMQ does not answer as it should: ECONNREFUSED.",
        },
      },
      /^RabbitMQ does not answer as it should: ECONNREFUSED\.$/,
    ],
  ])("explains %s in one sentence", async (_, answer, sentence) => {
    answers = [answer];
    await expect(onDev("list")).rejects.toThrow(sentence);
  });

  it("explains missing credentials in one sentence, without a request", async () => {
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    await expect(onDev("list")).rejects.toThrow(/^There are no AWS credentials: .*\.$/);
    expect(asked).toEqual([]);
  });
});

describe("npm run ops -- dlq", () => {
  it("says that it cannot ask a stage without the packages for AWS, as in an image of the laptop", async () => {
    await using image = await temporaryDirectory();
    const [clone, here] = [join(ROOT, "packages/cli"), join(image.path, "packages/cli")];
    cpSync(join(clone, "src"), join(here, "src"), { recursive: true });
    const { dependencies } = JSON.parse(readFileSync(join(clone, "package.json"), "utf8"));
    for (const name of Object.keys(dependencies)) {
      const link = join(here, "node_modules", name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(clone, "node_modules", name), link);
    }
    const list = ["ops", "dlq", "list", "--stage", "dev"];
    const { stderr, status } = spawnSync(process.execPath, [join(here, "src/cli.ts"), ...list], {
      encoding: "utf8",
    });
    expect(stderr).toMatch(/^A stage on AWS cannot be asked from here: .*\.\n$/);
    expect(status).toBe(1);
  });

  it.each([
    [["replay", "--all"], /^Say why, /],
    [["replay", "--why", "because"], /^Say which: /],
    [["replay", "a", "--all", "--why", "because"], /^Say which: /],
    [
      ["replay", "a", "--why", "because", "--rate", "0"],
      /^--rate takes dead letters per second, from 1 to 1000, not "0"\.$/m,
    ],
    [["drop", "--all", "--why", "because"], /^npm run ops -- dlq drop has no flag --all: /],
    [["drop", "--cause", " ", "--why", "because"], /^Say which: /],
    [["list", "a"], /^list takes no argument a: npm run ops -- dlq show a$/m],
    [["show"], /^Name one dead letter: /],
    [["list", "--queue", "sqs"], /^--queue takes orders or billing, not "sqs"\.$/m],
    [["list", "--region", "eu-west-3"], /^--region needs --stage NAME beside it\.$/m],
    [["list", "--stage", "Prod"], /^The stage cannot be called "Prod": /],
    [["lsit"], /^There is no command lsit: did you mean list\?$/m],
  ])("refuses %j with a sentence", async (args, sentence) => {
    await expect(run(args)).rejects.toThrow(sentence);
  });
});
