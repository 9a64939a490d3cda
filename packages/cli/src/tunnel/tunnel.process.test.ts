import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@cloud-design/local/servers/free-port";
import { isListening } from "@cloud-design/local/servers/testing";
import { jsonError } from "@cloud-design/stage/testing/recorded-aws";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hold, run } from "../commands/tunnel.ts";
import { installSessionManager, type SessionManager } from "../testing/session-manager.ts";
import {
  LABELS,
  startTunnelledStage,
  TARGET,
  type TunnelledStage,
  task,
  taskOf,
} from "../testing/tunnelled-stage.ts";
import { openTunnel } from "./open-tunnel.ts";

let stage: TunnelledStage;
let manager: SessionManager;
let reported: string[];

beforeEach(async () => {
  [stage, manager, reported] = [await startTunnelledStage(), await installSessionManager(), []];
  const environment = {
    AWS_ENDPOINT_URL: stage.url,
    AWS_ACCESS_KEY_ID: "nobody",
    AWS_SECRET_ACCESS_KEY: "nothing",
    AWS_REGION: undefined,
    AWS_PROFILE: undefined,
    AWS_CONFIG_FILE: "/nowhere",
    AWS_SHARED_CREDENTIALS_FILE: "/nowhere",
    SESSIONS: manager.directory,
    PATH: `${manager.directory}:${process.env.PATH}`,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await stage[Symbol.asyncDispose]();
  await manager[Symbol.asyncDispose]();
});

const open = (options: Partial<Parameters<typeof openTunnel>[0]> = {}) =>
  openTunnel({
    stage: "mine",
    targets: ["inventory", "movies"],
    report: (doing) => void reported.push(doing),
    ...options,
  });
const asked = (operation: string) => stage.asked.filter((question) => question.operation === operation);
const isGone = (pid: number) => {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
};
const noSessions = async () => expect(await manager.sessions()).toEqual([]);

/** A server in the place of the stage's balancer. */
async function startBalancer() {
  const server = createServer((_, response) => void response.end("the stage's movies"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  await manager.place({ "balancer.example": `127.0.0.1:${(server.address() as AddressInfo).port}` });
  return { [Symbol.dispose]: () => void server.close() };
}
const movies = async (port: number) => (await fetch(`http://127.0.0.1:${port}/`)).text();

describe("a tunnel", () => {
  it("runs its task in the private network, waits for its agent, forwards, and at the end closes all ports and stops the task", async () => {
    using _ = await startBalancer();
    const tunnel = await open();
    expect(asked("RunTask")[0]?.json).toMatchObject({
      cluster: "mine-cluster",
      taskDefinition: "mine-cloud-design-tunnel",
      launchType: "FARGATE",
      enableExecuteCommand: true,
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: ["subnet-1", "subnet-2"],
          securityGroups: ["sg-tunnel"],
          assignPublicIp: "DISABLED",
        },
      },
    });
    expect(reported).toEqual([
      "asks for a task",
      "gets its place in the network",
      "fetches its image",
      "waits for its agent",
      "opens the ports",
    ]);
    const sessions = await manager.sessions();
    expect(sessions.map(({ target, host, port }) => `${target} ${host}:${port}`).toSorted()).toEqual([
      `${TARGET} balancer.example:8080`,
      `${TARGET} proxy.example:5432`,
    ]);
    expect(await movies(tunnel.ports.inventory)).toBe("the stage's movies");

    await tunnel[Symbol.asyncDispose]();
    await noSessions();
    for (const { pid } of sessions) await expect.poll(() => isGone(pid)).toBe(true);
    expect(asked("StopTask")[0]?.json).toMatchObject({
      cluster: "mine-cluster",
      task: task("RUNNING").taskArn,
    });
  });

  it("opens a session again that Session Manager has ended because it was idle", async () => {
    using _ = await startBalancer();
    await using tunnel = await open({ targets: ["inventory"] });
    const [first] = await manager.sessions();
    process.kill(first?.pid ?? 0, "SIGTERM");
    await expect.poll(async () => (await manager.sessions()).length).toBe(2);
    await expect.poll(() => isListening("127.0.0.1", tunnel.ports.inventory)).toBe(true);
    expect(await movies(tunnel.ports.inventory)).toBe("the stage's movies");
  });

  it("reports that it is down when its task has ended", async () => {
    await using tunnel = await open({ targets: ["inventory"] });
    await manager.refuse(
      "An error occurred (TargetNotConnected) when calling the StartSession operation: not connected.",
    );
    process.kill((await manager.sessions())[0]?.pid ?? 0, "SIGTERM");
    await expect(tunnel.done).rejects.toThrow(
      /^The tunnel is down: its task has ended.* \(.*TargetNotConnected.*\)$/,
    );
  });

  it("takes over the task of a killed process, and stops it at the end", async () => {
    const { pid } = spawnSync("true");
    stage.answers.ListTasks = { body: { taskArns: ["a"] } };
    stage.states.splice(0, Infinity, taskOf(pid));
    await (await open())[Symbol.asyncDispose]();
    expect([asked("RunTask").length, asked("StopTask").length]).toEqual([0, 1]);
  });

  it("is shared by short queries on the same machine, and stays open for its owner", async () => {
    stage.answers.ListTasks = { body: { taskArns: ["a"] } };
    stage.states.splice(0, Infinity, taskOf(process.ppid));
    await (await open())[Symbol.asyncDispose]();
    expect([asked("RunTask").length, asked("StopTask").length]).toEqual([0, 0]);
    await noSessions();
    await expect(open({ isAlone: true })).rejects.toThrow(
      `A tunnel to mine is open already, by process ${process.ppid} of this machine`,
    );
  });

  it("stops its task when it is interrupted while the task starts", async () => {
    const given = new AbortController();
    stage.states.splice(0, Infinity, task("PENDING"));
    const report = (doing: string) => void (doing === "fetches its image" && given.abort());
    const opening = open({ signal: given.signal, report });
    await expect(opening).rejects.toThrow();
    expect(asked("StopTask")).toHaveLength(1);
  });
});

describe("an obstacle is explained in one sentence", () => {
  it.each<[string, () => unknown, RegExp, Parameters<typeof open>[0]?]>([
    [
      "prod",
      () => {},
      /^prod has no tunnel, so a laptop cannot query its databases: use a shell/,
      { stage: "prod" },
    ],
    ["an invalid name", () => {}, /^The stage cannot be called "Mine"/, { stage: "Mine" }],
    [
      "a stage that does not exist",
      () => {},
      /^There is no tunnel of yours in eu-west-3: name another --region, or deploy/,
      { stage: "yours", region: "eu-west-3" },
    ],
    [
      "credentials that have expired",
      () =>
        Object.assign(stage.answers, {
          DescribeTaskDefinition: jsonError("ExpiredTokenException", "The security token is expired"),
        }),
      /^The AWS credentials have expired: get new ones \(with a single sign-on: `aws sso login`\), then try again\.$/,
    ],
    [
      "no capacity",
      () =>
        Object.assign(stage.answers, {
          RunTask: { body: { tasks: [], failures: [{ reason: "Capacity is unavailable at this time" }] } },
        }),
      /^AWS runs no task for the tunnel \(Capacity is unavailable at this time\): try again in some minutes\.$/,
    ],
    [
      "an image that cannot be fetched",
      () =>
        stage.states.splice(
          0,
          Infinity,
          task("STOPPED", {
            desiredStatus: "STOPPED",
            stoppedReason: "CannotPullContainerError: not found.",
          }),
        ),
      /^The tunnel's task did not start: CannotPullContainerError: not found\.$/,
    ],
    [
      "an agent that does not run",
      () => stage.states.splice(0, Infinity, task("RUNNING", { agent: "STOPPED" })),
      /^The agent of the tunnel's task does not run: AWS gives no reason\.$/,
    ],
    [
      "a session that may not be opened",
      () =>
        manager.refuse(
          "An error occurred (AccessDeniedException) when calling the StartSession operation: not you",
        ),
      /^A session of the tunnel cannot be opened; aws says: An error occurred \(AccessDeniedException\)/,
    ],
  ])("%s", async (_, prepare, sentence, options) => {
    await prepare();
    await expect(open(options)).rejects.toThrow(sentence);
    expect(asked("StopTask")).toHaveLength(asked("DescribeTasks").length > 0 ? 1 : 0);
    await noSessions();
  });

  it.each([
    ["no AWS CLI", { aws: undefined }, /there is no aws here: install it from https:/],
    [
      "an old AWS CLI",
      { aws: "echo aws-cli/1.42.9 Python/3.11" },
      /^A tunnel needs AWS CLI 2, and here is aws-cli\/1\.42\.9: install/,
    ],
    [
      "no plugin",
      { aws: "echo aws-cli/2.31.5 Python/3.13" },
      /^A tunnel needs the Session Manager plugin .* \(macOS: brew install --cask session-manager-plugin\)/,
    ],
  ])("%s, before a task runs", async (_, programs, sentence) => {
    const directory = await mkdtemp(join(tmpdir(), "programs-"));
    try {
      for (const [name, command] of Object.entries(programs)) {
        if (command) await writeFile(join(directory, name), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
      }
      vi.stubEnv("PATH", directory);
      await expect(open()).rejects.toThrow(sentence);
      expect(asked("RunTask")).toEqual([]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("a port that is taken, before a task runs", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await expect(open({ targets: ["orders"], ports: { orders: port } as never })).rejects.toThrow(
      `Port ${port}, where orders would be, is taken`,
    );
    expect(asked("RunTask")).toEqual([]);
    server.close();
  });
});

describe("npm run tunnel", () => {
  const output: string[] = [];
  beforeEach(() => {
    output.splice(0);
    vi.spyOn(process.stdout, "write").mockImplementation((text) => output.push(String(text)) > 0);
  });
  const isOpen = () => expect.poll(() => output.join("")).toContain("Ctrl-C closes it.");

  it("shows what is where, and closes it with Ctrl-C", async () => {
    using _ = await startBalancer();
    const ports = {
      inventory: await freePort(),
      billing: await freePort(),
      movies: await freePort(),
      orders: await freePort(),
      broker: await freePort(),
    };
    const holding = hold({ stage: "mine" }, ports);
    await isOpen();
    expect(output.join("").replaceAll(/ +\d+\.\d s/g, "")).toContain(
      [
        "✔ tunnel  to mine is open; it ends by itself after 8 hours",
        "",
        "WHAT       HERE                        THERE",
        `inventory  http://localhost:${ports.inventory}      ${LABELS.inventory}`,
      ].join("\n"),
    );
    expect(await movies(ports.inventory)).toBe("the stage's movies");
    process.emit("SIGINT");
    expect(await holding).toBe(0);
    expect(output.at(-1)).toContain("is closed");
    await noSessions();
    expect(asked("StopTask")).toHaveLength(1);
  });

  it("requires a stage, and refuses other arguments", async () => {
    await expect(run([])).rejects.toThrow(/^Name a stage: npm run tunnel -- --stage mine$/);
    await expect(run(["mine"])).rejects.toThrow(/^npm run tunnel takes no argument mine\.$/);
  });
});
