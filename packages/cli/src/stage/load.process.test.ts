import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RecordedAws, startRecordedAws } from "@cloud-design/stage/testing/recorded-aws";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { DENIED, recordedStage, STAGE } from "../testing/recorded-stage.ts";
import { typeCommand } from "../testing/type-command.ts";

let aws: RecordedAws;
let directory: string;

beforeEach(async () => {
  aws = await startRecordedAws(recordedStage({ queueUrl: "https://sqs.example.com/1" }));
  directory = mkdtempSync(join(tmpdir(), "load-"));
});

afterEach(async () => {
  rmSync(directory, { recursive: true });
  await aws[Symbol.asyncDispose]();
});

const load = (...args: string[]) =>
  typeCommand(["load", ...args], aws.url, { CLOUD_DESIGN_LOCAL: directory });

describe("a load of a stage", () => {
  it("shows what it costs and leaves behind, and sends nothing unless it was confirmed", async () => {
    expect(await load("steady", "--stage", STAGE, "--seconds", "3600")).toEqual({
      code: 1,
      stdout: `Loading ${STAGE} with about 28,800 requests, at most 8 a second
  costs   about $0.49, and $0.012 for an hour of each task that scaling adds
  leaves  about 4,320 orders of one cent, which the API cannot delete
`,
      stderr: `Without a terminal the command cannot ask for a confirmation: add --yes to load the stage ${STAGE}.\n`,
    });
  });

  it("is refused at a rate that the firewall would block", async () => {
    expect(await load("steady", "--stage", STAGE, "--rate", "9")).toEqual({
      code: 1,
      stdout: "",
      stderr: `The firewall of ${STAGE} lets 8 requests a second through from one address: take --rate 8 or less, or raise REQUESTS_MAX in packages/stage/src/request-limits.ts and deploy.\n`,
    });
  });

  it("needs credentials that may look at the stage", async () => {
    aws.answers.DescribeStacks = DENIED;
    const { code, stderr } = await load("steady", "--stage", STAGE, "--yes");
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

test.each([
  [["stedy"], "There is no scenario stedy: did you mean steady? `npm run load` lists them."],
  [["steady", "--rat", "5"], "npm run load has no flag --rat: did you mean --rate?"],
  [["steady", "--rate", "501"], '--rate takes a whole number from 1 to 500, not "501".'],
  [["steady", "--seconds", "3601"], '--seconds takes a whole number from 1 to 3,600, not "3601".'],
  [["steady", "--page"], "--page writes the whole page: npm run load -- steps spike --page"],
  [["steady", "--yes"], "--yes needs --stage NAME beside it."],
  [["steady"], "The platform is not running. Start it with `npm start`."],
])("%j is answered with one sentence", async (args, sentence) => {
  expect(await load(...args)).toEqual({ code: 1, stdout: "", stderr: `${sentence}\n` });
});

test("without a scenario the command lists them all", async () => {
  const { code, stdout } = await load();
  expect(code).toBe(0);
  for (const name of ["steady", "steps", "spike", "soak"])
    expect(stdout).toMatch(new RegExp(`^${name} +\\d+ s`, "m"));
});
