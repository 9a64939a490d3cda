import { createServer, type IncomingMessage, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { drain, listen } from "@cloud-design/local/stand-ins/stand-in";
import {
  jsonError,
  type RecordedAws,
  startRecordedAws,
  xmlError,
} from "@cloud-design/stage/testing/recorded-aws";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DENIED, recordedStage, STAGE, stackOf } from "../testing/recorded-stage.ts";
import { typeCommand } from "../testing/type-command.ts";

let aws: RecordedAws;
let signIn: Server;
let asked: { question: string; form: string }[];
let answer: { status: number; body: string };

beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: '{"access_token":"ey.token","expires_in":3600}' };
  signIn = createServer(async (request: IncomingMessage, response) => {
    const { method, url, headers } = request;
    asked.push({ question: `${method} ${url} ${headers.authorization}`, form: await text(request) });
    response.writeHead(answer.status).end(answer.body);
  });
  const signInUrl = `http://127.0.0.1:${await listen(signIn, 0)}`;
  aws = await startRecordedAws(recordedStage({ queueUrl: "http://queue", signInUrl }));
});
afterEach(async () => {
  await drain(signIn, 1);
  await aws[Symbol.asyncDispose]();
});

const token = (...args: string[]) => typeCommand(["token", ...args, "--stage", STAGE], aws.url);
const basic = `Basic ${Buffer.from("machine-1:hush").toString("base64")}`;

describe("npm run token -- --stage", () => {
  it("prints the machine's token and nothing else, by the secret that IAM gives", async () => {
    expect(await token("machine")).toEqual({ code: 0, stdout: "ey.token\n", stderr: "" });
    expect(asked).toEqual([
      { question: `POST /oauth2/token ${basic}`, form: "grant_type=client_credentials" },
    ]);
    const described = aws.asked.find(({ operation }) => operation === "DescribeUserPoolClient");
    expect(described?.json).toEqual({ UserPoolId: "us-east-1_Pool", ClientId: "machine-1" });
  });

  it("is the same command as `npm run ops -- token`, and means the machine when no user is named", async () => {
    const said = await typeCommand(["ops", "token", "--stage", STAGE], aws.url);
    expect(said).toEqual({ code: 0, stdout: "ey.token\n", stderr: "" });
  });

  it("says for a person where people sign in, since a stage has no demo users", async () => {
    const { code, stdout, stderr } = await token("admin");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^recorded-1 has no demo users, only the machine: .* \(docs\/deploy\.md\) signs in at http:/,
    );
    expect(stderr).toContain(
      "/login?client_id=web-1&response_type=code&redirect_uri=https%3A%2F%2Fd1.cloudfront.net%2F\n",
    );
    expect(asked).toEqual([]);
  });

  it.each([
    [
      "a stage that does not exist",
      "DescribeStacks",
      xmlError("ValidationError", "Stack with id x does not exist"),
      /^There is no stack recorded-1-cloud-design-\w+ in us-east-1: /,
    ],
    [
      "a stage that is half-made",
      "DescribeStacks",
      stackOf("recorded-1-cloud-design-Site", "ROLLBACK_COMPLETE"),
      /^The stage recorded-1 is half-made \(.*Site is ROLLBACK_COMPLETE, .*\): wait for its deployment, or run /,
    ],
    [
      "a right that is missing",
      "DescribeUserPoolClient",
      DENIED,
      /^The AWS credentials are not allowed to do this: /,
    ],
    [
      "another account",
      "DescribeUserPoolClient",
      jsonError("ResourceNotFoundException", "no"),
      /^There is no user pool us-east-1_Pool with the client machine-1 in us-east-1 of this account: /,
    ],
  ])("explains %s in one sentence", async (_, operation, recorded, sentence) => {
    aws.answers[operation] = recorded;
    expect(await token()).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(sentence) });
  });

  it("shows the sign-in's answer if it gives no token", async () => {
    answer = { status: 400, body: '{"error":"invalid_client"}' };
    expect((await token()).stderr).toMatch(
      /^http:.*\/oauth2\/token answered 400 without a token: \{"error":"invalid_client"\}\n$/,
    );
  });
});
