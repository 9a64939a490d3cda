import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { ROOT } from "@cloud-design/local/platform/settings";
import { jsonError, type RecordedAws, startRecordedAws, xml } from "@cloud-design/stage/testing/recorded-aws";
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

const GATEWAY = functionName("Gateway", "Gateway");
const FUNCTION = `/2015-03-31/functions/${GATEWAY}`;

let aws: RecordedAws;

beforeEach(async () => {
  aws = await startRecordedAws({});
  Object.assign(aws.answers, recordedStage({ queueUrl: aws.url }), {
    UpdateService: { body: { service: serviceOf({ id: "d-2", rolloutState: "IN_PROGRESS" }) } },
    [`GET ${FUNCTION}/aliases/live`]: jsonError("ResourceNotFoundException", "no alias", 404),
    [`PUT ${FUNCTION}/configuration`]: { body: { LastUpdateStatus: "InProgress" } },
  });
});
afterEach(() => aws[Symbol.asyncDispose]());

const restart = (...args: string[]) => typeCommand(["ops", "restart", ...args, "--stage", STAGE], aws.url);
const changes = () =>
  aws.asked.map(({ operation }) => operation).filter((name) => /^(Update|Reboot|PUT|POST)/.test(name));

/** One answer after the other; the last one repeats. */
function rollout(...deployments: object[]): void {
  aws.answers.DescribeServices = () => {
    const next = deployments.length > 1 ? deployments.shift() : deployments[0];
    return { body: { services: [serviceOf(next)] } };
  };
}

describe("npm run ops -- restart --stage", () => {
  it("replaces the tasks of a service, and shows the progress until ECS calls it done", async () => {
    rollout(
      { id: "d-2", rolloutState: "IN_PROGRESS", runningCount: 1 },
      { id: "d-2", rolloutState: "COMPLETED" },
    );
    const { code, stdout } = await restart("billing");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^billing: 1 of 2 new tasks run\nbilling: ready again after \d+\.\d s\n$/);
    const update = aws.asked.find(({ operation }) => operation === "UpdateService");
    expect(update?.json).toEqual({
      cluster: "stage-cluster",
      service: "arn:aws:ecs:us-east-1:123456789012:service/stage-cluster/Billing-service",
      forceNewDeployment: true,
    });
  });

  it("fails with ECS's reason when the rollout is rolled back", async () => {
    rollout({ id: "d-2", rolloutState: "FAILED", rolloutStateReason: "tasks failed to start" });
    expect(await restart("inventory")).toEqual({
      code: 1,
      stdout: "",
      stderr: "ECS has rolled it back: tasks failed to start.\n",
    });
    rollout({ id: "d-3" });
    expect((await restart("inventory")).stderr).toMatch(/another deployment has taken its place/);
  });

  it("does not stop the rollout at Ctrl-C, and says so", async () => {
    rollout({ id: "d-2", rolloutState: "IN_PROGRESS", runningCount: 0 });
    const cli = join(ROOT, "packages/cli/src/cli.ts");
    const child = spawn(process.execPath, [cli, "ops", "restart", "billing", "--stage", STAGE], {
      env: {
        PATH: process.env.PATH,
        AWS_ENDPOINT_URL: aws.url,
        AWS_ACCESS_KEY_ID: "nobody",
        AWS_SECRET_ACCESS_KEY: "nothing",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stderr = text(child.stderr);
    await once(child.stdout, "data");
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([130, null]);
    expect(await stderr).toMatch(
      /The restart continues at AWS without this command: `npm run ops -- ps --stage \.\.\.`/,
    );
  });

  it("restarts a function by a change of its configuration without effect", async () => {
    expect(await restart("gateway")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^gateway: ready again/),
    });
    expect(changes()).toEqual([`PUT ${FUNCTION}/configuration`]);
    const { json } = aws.asked.find(({ operation }) => operation.startsWith("PUT")) ?? {};
    expect(json).toEqual({ Description: expect.stringMatching(/^Restarted 20/) });
  });

  describe("with a function that is called by its alias", () => {
    beforeEach(() => {
      aws.answers[`GET ${FUNCTION}/aliases/live`] = { body: { FunctionVersion: "7", RevisionId: "r-1" } };
      aws.answers[`POST ${FUNCTION}/versions`] = { status: 201, body: { Version: "8" } };
      aws.answers[`PUT ${FUNCTION}/aliases/live`] = { body: {} };
    });

    it("publishes the same code once more and moves the alias to it", async () => {
      expect(await restart("gateway")).toMatchObject({ code: 0 });
      expect(changes()).toEqual([
        `PUT ${FUNCTION}/configuration`,
        `POST ${FUNCTION}/versions`,
        `PUT ${FUNCTION}/aliases/live`,
      ]);
      expect(aws.asked.at(-1)?.json).toEqual({ FunctionVersion: "8", RevisionId: "r-1" });
      expect(aws.asked.at(-2)?.json).toMatchObject({ CodeSha256: "sha" });
    });

    it("does not release code that was rolled back", async () => {
      aws.answers[`GET ${FUNCTION}/configuration`] = ({ url }) => ({
        body: {
          CodeSha256: url.searchParams.has("Qualifier") ? "good" : "bad",
          LastUpdateStatus: "Successful",
        },
      });
      expect((await restart("gateway")).stderr).toMatch(
        /runs version 7, and its newest code is another one, which was rolled back: /,
      );
      expect(changes()).toEqual([]);
    });

    it("refuses while a release is under way", async () => {
      aws.answers[`GET ${FUNCTION}/aliases/live`] = {
        body: { FunctionVersion: "7", RoutingConfig: { AdditionalVersionWeights: { 8: 0.1 } } },
      };
      expect((await restart("gateway")).stderr).toMatch(
        /^A release of .* is under way: wait until it is done\.$/m,
      );
      expect(changes()).toEqual([]);
    });
  });

  it("reboots broker and databases only with --yes, because that is an outage", async () => {
    expect(await restart("rabbitmq")).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "RabbitMQ is away for some minutes: orders are accepted and wait in SQS. Add --yes to reboot it all the same.\n",
    });
    expect(aws.asked).toEqual([]);
    aws.answers["POST /v1/brokers/b-1/reboot"] = { body: {} };
    aws.answers.RebootDBInstance = xml("RebootDBInstance", "");
    const { code, stdout } = await restart("rabbitmq", "inventory-database", "--yes");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: ["rabbitmq", "inventory-database"]
        .map((part) => `${part}: reboots now; \`npm run ops -- ps --stage ${STAGE}\` shows when it is back\n`)
        .join(""),
    });
    expect(changes()).toEqual(["POST /v1/brokers/b-1/reboot", "RebootDBInstance"]);
    const reboot = aws.asked.at(-1)?.form;
    expect(reboot?.get("DBInstanceIdentifier")).toBe(`${STAGE}-cloud-design-inventory-billing`);
    expect(reboot?.get("ForceFailover")).toBe("false");
  });

  it("replaces a broker in a container by another one", async () => {
    Object.assign(aws.answers, {
      ListStackResources: recordedStage({ queueUrl: aws.url }, BROKER_CONTAINER).ListStackResources,
    });
    expect((await restart("rabbitmq", "--yes")).code).toBe(0);
    expect(changes()).toEqual(["UpdateService"]);
    expect(aws.asked.at(-1)?.json).toEqual({
      cluster: "stage-cluster",
      service: "arn:aws:ecs:us-east-1:123456789012:service/stage-cluster/Broker-service",
      forceNewDeployment: true,
    });
  });

  it.each([
    [
      "stop",
      /^On AWS a part cannot be stopped by hand, .* `npm run ops -- restart PART --stage recorded-1` replaces /,
    ],
    [
      "start",
      /^On AWS all parts run, .* `npm run deploy -- --stage recorded-1` brings back what is missing\.$/m,
    ],
  ])("refuses `%s`, and says what to do instead", async (verb, sentence) => {
    const said = await typeCommand(["ops", verb, "billing", "--stage", STAGE], aws.url);
    expect(said).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(sentence) });
    expect(aws.asked).toEqual([]);
  });

  it("explains a missing right, and an unknown part", async () => {
    aws.answers.UpdateService = DENIED;
    expect((await restart("billing")).stderr).toMatch(/^The AWS credentials are not allowed to do this: /);
    expect((await restart("identity")).stderr).toMatch(
      /^A stage has no part identity to restart: the parts are /,
    );
  });
});
