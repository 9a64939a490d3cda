import { createServer, type Server } from "node:http";
import type { SleepAnswer } from "@cloud-design/functions/sleeper/protocol";
import { drain, listen } from "@cloud-design/local/stand-ins/stand-in";
import {
  type Answers,
  jsonError,
  type Question,
  type RecordedAnswer,
  type RecordedAws,
  startRecordedAws,
  xml,
} from "@cloud-design/stage/testing/recorded-aws";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { isAsleep } from "../sleep/before-deployment.ts";
import { recordedStage } from "../testing/recorded-stage.ts";
import { asleepParts, awakeParts, SLEEPER_ENVIRONMENT, SleepingAws, STAGE } from "../testing/sleeping-aws.ts";
import { typeCommand } from "../testing/type-command.ts";

const INVOKE = `POST /2015-03-31/functions/${STAGE}-cloud-design-sleeper/invocations`;

let site: Server;
let server: RecordedAws;
let aws: SleepingAws;
let stage: Answers;
let handler: (event: unknown) => Promise<SleepAnswer>;
/** Whether AWS refuses this look at the stage for now. */
let isThrottled: () => boolean;

beforeAll(async () => {
  site = createServer((request, response) => {
    const { url = "" } = request;
    response.end(JSON.stringify(answerOf(`${request.method} ${url}`)));
  });
  const siteUrl = `http://127.0.0.1:${await listen(site, 0)}`;
  stage = recordedStage({ queueUrl: "http://queue", siteUrl, signInUrl: siteUrl });
  server = await startRecordedAws({ "*": answer });
  for (const [name, value] of Object.entries({ ...SLEEPER_ENVIRONMENT, AWS_ENDPOINT_URL: server.url }))
    vi.stubEnv(name, value);
  ({ handler } = await import("@cloud-design/functions/sleeper"));
});
afterAll(async () => {
  await drain(site, 1);
  await server[Symbol.asyncDispose]();
});
beforeEach(() => {
  aws = new SleepingAws();
  isThrottled = () => false;
  server.asked.length = 0;
});

function answerOf(question: string): unknown {
  if (question.startsWith("POST /oauth2")) return { access_token: "ey.token", expires_in: 3_600 };
  if (question.startsWith("GET /api/status")) return { status: "up", components: [] };
  if (question.startsWith("GET /api/movies")) return [];
  return { id: "ord_1", status: question.startsWith("POST") ? "accepted" : "recorded" };
}

/** The stage's own function, the parts that it works on, and the learner's stage around them. */
async function answer(question: Question): Promise<RecordedAnswer> {
  const { operation, form, json } = question;
  if (operation === INVOKE && aws.denied.has(INVOKE))
    return jsonError("AccessDeniedException", "You may not invoke it", 403);
  if (operation === INVOKE && json.wanted === undefined && isThrottled())
    return jsonError("TooManyRequestsException", "Rate exceeded", 429);
  if (operation === INVOKE) return { body: await handler(json) };
  const StackName = String(form.get("StackName"));
  if (operation === "DescribeStacks" && StackName.endsWith("-Network")) {
    const tags = "<Tags><member><Key>cloud-design:preset</Key><Value>learner</Value></member></Tags>";
    return xml(operation, `<Stacks><member><StackName>${StackName}</StackName>${tags}</member></Stacks>`);
  }
  const found = aws.answer(question) ?? stage[operation];
  const recorded = typeof found === "function" ? await found(question) : found;
  return recorded === undefined || recorded === "silence"
    ? jsonError("NotRecorded", `No answer to ${operation} was recorded.`, 500)
    : recorded;
}

const type = (command: string, ...args: string[]) => typeCommand([command, ...args], server.url);
const sleep = (...args: string[]) => type("sleep", "--stage", STAGE, ...args);
/** The passes of the schedule, without the command's pauses between them. */
async function settle(): Promise<void> {
  while (!(await handler({})).state.isSettled);
}
const wanted = () => JSON.parse(aws.parameter);

describe("npm run sleep and wake", () => {
  it("shows the prices line by line, stops each part, and says what the stage then costs", async () => {
    const { code, stdout, stderr } = await sleep("--yes");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^USD a month +awake +asleep\n/);
    expect(stdout).toMatch(/^RabbitMQ +[\d.]+ +0\.00 {2}no task runs/m);
    expect(stdout).toMatch(/^Balancer +16\.43 +16\.43 {2}cannot be stopped$/m);
    const [, together] = /^together +[\d.]+ +([\d.]+)$/m.exec(stdout) ?? [];
    for (const line of [/✔ inventory +.*0 tasks/, /✔ nat +.*stopped/, /✔ status page/])
      expect(stdout).toMatch(line);
    expect(stdout).toContain(`sleeps, at $${together} a month instead of $`);
    expect(aws.parts).toEqual(asleepParts());
    expect(aws.faults).toEqual([]);
    expect(wanted()).toMatchObject({ wanted: "asleep", isSettled: true, by: "arn" });
  });

  it("sleeps twice without a change, and says since when", async () => {
    await handler({ wanted: "asleep", by: "ann" });
    await settle();
    const before = aws.parameter;
    const { code, stdout } = await sleep("--yes");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^recorded-1 is asleep since \d{4}-\d\d-\d\d \d\d:\d\d UTC \(ann\)\. It costs \$/);
    expect(aws.parameter).toBe(before);
  });

  it("wakes a stage that is still falling asleep, and ends with the smoke test and the minutes", async () => {
    await handler({ wanted: "asleep", by: "ann" });
    const { code, stdout, stderr } = await type("wake", "--stage", STAGE);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("✔ order ord_1 is accepted\n✔ and recorded\n");
    expect(stdout).toMatch(/recorded-1 is awake, \d+\.\d minutes after the command/);
    expect(aws.parts).toEqual(awakeParts());
  });

  it("looks at each part of an awake stage, changes nothing that runs, and repeats the smoke test", async () => {
    const { code, stdout, stderr } = await type("wake", "--stage", STAGE);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^✔ inventory +.*2 of 2 tasks$/m);
    expect(stdout).toContain("✔ and recorded\n");
    expect(aws.parts).toEqual(awakeParts());
    expect(aws.faults).toEqual([]);
  });

  it("starts what sleeps in a stage that is said to be awake", async () => {
    aws.parts = asleepParts();
    expect((await type("wake", "--stage", STAGE)).code).toBe(0);
    expect(aws.parts).toEqual(awakeParts());
  });

  it("is not misled by a look that fails", async () => {
    await handler({ wanted: "asleep", by: "ann" });
    await settle();
    let looks = 0;
    isThrottled = () => looks++ < 2;
    expect((await type("wake", "--stage", STAGE)).code).toBe(0);
    expect(aws.parts).toEqual(awakeParts());
  });

  it("names what AWS refuses; the same command completes the stage that is half asleep", async () => {
    aws.parts = { ...asleepParts(), nat: "running" };
    aws.denied.add("StopInstances");
    const { code, stdout, stderr } = await sleep("--yes");
    expect(code).toBe(1);
    expect(stdout).toContain("refused: You may not StopInstances");
    expect(stderr).toMatch(/^The stage is half asleep\. Its schedule tries again every five minutes/);
    expect(aws.parts).toEqual({ ...asleepParts(), nat: "running" });
    aws.denied.clear();
    expect((await sleep()).code).toBe(0);
    expect(aws.parts).toEqual(asleepParts());
  });

  it("stops nothing without a terminal or --yes", async () => {
    const { code, stderr } = await sleep();
    expect(code).toBe(1);
    expect(stderr).toContain("add --yes to put the stage recorded-1 to sleep");
    expect(aws.parts).toEqual(awakeParts());
  });

  it("sets the evening with its time zone, and ends it", async () => {
    const { stdout } = await sleep("--every-evening", "20:00", "--time-zone", "Europe/Paris");
    expect(stdout).toBe(
      "recorded-1 falls asleep every evening at 20:00 (Europe/Paris), and is asleep half an hour later. npm run wake wakes it; --every-evening off ends this.\n",
    );
    expect(wanted()).toMatchObject({ wanted: "awake", evening: { at: "20:00", zone: "Europe/Paris" } });
    await sleep("--every-evening", "off");
    expect(wanted()).toEqual({ wanted: "awake", isSettled: true });
  });

  it.each([
    [
      ["sleep", "--stage", "prod", "--yes"],
      /^prod has real customers.*name it twice: npm run sleep -- prod --stage prod\n$/,
    ],
    [
      ["sleep", "Network", "--stage", STAGE],
      /^npm run sleep puts a whole stage to sleep: leave out Network\.\n$/,
    ],
    [["wake", "Network", "--stage", STAGE], /^npm run wake wakes a whole stage: leave out Network\.\n$/],
    [
      ["sleep", "--stage", STAGE, "--every-evening", "25:00"],
      /^--every-evening 25:00 is not an hour: write it as in 20:00\.\n$/,
    ],
    [
      ["sleep", "--stage", STAGE, "--every-evening", "20:00", "--time-zone", "Paris"],
      /^--time-zone Paris is not a time zone: write it as in Europe\/Paris\.\n$/,
    ],
    [
      ["sleep", "--stage", STAGE, "--time-zone", "Europe/Paris"],
      /^--time-zone needs --every-evening HH:MM beside it\.\n$/,
    ],
    [["sleep", "--stage", STAGE, "--preset", "tiny"], /^npm run sleep has no flag --preset/],
    [["sleep"], /^Name a stage/],
  ])("%j is refused in one sentence, and changes nothing", async (args, sentence) => {
    const { code, stdout, stderr } = await typeCommand(args, server.url);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(sentence);
    expect(server.asked.some(({ operation }) => operation === INVOKE)).toBe(false);
  });

  it("refuses a preset that does not exist", async () => {
    const { code, stderr } = await typeCommand(["sleep", "--stage", STAGE], server.url, { PRESET: "tiny" });
    expect(code).toBe(1);
    expect(stderr).toContain("PRESET is learner, standard or hardened.");
  });

  it("makes a deployment wake the stage first, if it has a sleeper and sleeps", async () => {
    const access = { stage: STAGE, region: "us-east-1" };
    const stack = { name: "Sleep", fullName: `${STAGE}-cloud-design-Sleep`, status: "CREATE_COMPLETE" };
    const stacks = [{ ...stack, changedAt: undefined, outputs: {} }];
    expect(await isAsleep(access, stacks, ".")).toBe(false);
    await handler({ wanted: "asleep", by: "ann" });
    expect(await isAsleep(access, stacks, ".")).toBe(true);
    expect(await isAsleep(access, [], ".")).toBe(false);
    aws.denied.add(INVOKE);
    expect(await isAsleep(access, stacks, ".")).toBe(false);
  });

  it("says so when the stage was deployed by a version that cannot sleep, or does not exist", async () => {
    const { code, stderr } = await typeCommand(["sleep", "--stage", "older"], server.url);
    expect(code).toBe(1);
    expect(stderr).toContain("older-cloud-design-sleeper");
  });
});
