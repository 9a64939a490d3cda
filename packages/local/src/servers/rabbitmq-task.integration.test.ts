import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { createPublisher, keepConnected } from "@cloud-design/core/broker";
import { createAuthority, createServerIdentity } from "@cloud-design/core/certificate";
import { trustAlso } from "@cloud-design/core/trust";
import type { Channel } from "amqplib";
import { afterEach, describe, expect, test } from "vitest";
import { ROOT } from "../platform/settings.ts";
import type { Part } from "../supervisor/part.ts";
import { freePort } from "./free-port.ts";
import { findBroker } from "./rabbitmq-broker.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { isListening, started } from "./testing.ts";
import { giveAllToUnprivileged, UNPRIVILEGED } from "./unprivileged.ts";

const FOLDER = join(ROOT, "packages/containers/rabbitmq");
const QUEUE = "a_queue";
const DAY_MS = 24 * 60 * 60 * 1_000;
const LIFE = { from: new Date(Date.now() - DAY_MS), until: new Date(Date.now() + DAY_MS) };
const AUTHORITY = createAuthority({ commonName: "test", domains: ["localhost"], ...LIFE });
const SERVER = createServerIdentity({
  commonName: "broker",
  names: ["localhost"],
  authority: AUTHORITY,
  ...LIFE,
});
// The first one may have to download the broker.
const TEST = { timeout: 300_000 };

const trusted = getCACertificates("default");
afterEach(() => setDefaultCACertificates(trusted));

/** A stage's broker: its data, and the address at which each of its tasks listens. */
async function stage() {
  const temporary = await temporaryDirectory();
  const { scripts, env } = await findBroker(() => {});
  const port = await freePort();
  const home = join(temporary.path, "data");
  await mkdir(home);

  /** A task as ECS starts it. */
  async function task(name: string, password: string): Promise<Part> {
    const folder = join(temporary.path, name);
    await mkdir(folder);
    await giveAllToUnprivileged(temporary.path);
    const [epmd, distribution] = [await freePort(), await freePort()];
    const files = ["rabbitmq.conf", "tls.conf"].map((file) => readFileSync(join(FOLDER, file), "utf8"));
    return {
      name,
      needs: [],
      port: 0,
      url: "",
      command: () => ({
        file: "/bin/sh",
        args: [
          "-c",
          'epmd -address 127.0.0.1 -port "$ERL_EPMD_PORT" & exec sh -c "$0"',
          readFileSync(join(FOLDER, "start.sh"), "utf8"),
        ],
        env: {
          ...env,
          PATH: [scripts, env.PATH].join(delimiter),
          HOME: home,
          TMPDIR: folder,
          LANG: "C.UTF-8",
          CONFIGURATION: files.join("").replace("5671", String(port)),
          TLS_KEY: SERVER.key,
          TLS_CERTIFICATE: SERVER.cert + AUTHORITY.cert,
          USERNAME: "a-user",
          PASSWORD: password,
          ERL_EPMD_PORT: String(epmd),
          RABBITMQ_DIST_PORT: String(distribution),
        },
        cwd: temporary.path,
        ...UNPRIVILEGED,
      }),
      isReady: () => isListening("127.0.0.1", port),
      readySeconds: 90,
      stopSignal: "SIGTERM",
      stopSeconds: 30,
      stopAgainSeconds: 1,
    };
  }

  return {
    ...temporary,
    port,
    task,
    start: async (name: string, password: string) =>
      started(await task(name, password), join(temporary.path, name)),
    /** Whether a process holds the lock on the data. */
    isHeld: () => spawnSync("flock", ["--nonblock", join(home, "lock"), "true"]).status === 1,
    log: (name: string) => readFile(join(temporary.path, name, "log"), "utf8"),
  };
}

const setup = async (channel: Channel) => {
  await channel.assertQueue(QUEUE, { durable: true, arguments: { "x-queue-type": "quorum" } });
};

async function publish(url: string): Promise<void> {
  const publisher = createPublisher(url, { name: "test", setup });
  await publisher.publish("", QUEUE, Buffer.from("an order"), {}).finally(() => publisher.close());
}

describe.runIf(process.platform === "linux")("RabbitMQ as a task", () => {
  test("is reached by TLS alone, and only by a client that trusts the stage's authority", TEST, async () => {
    await using broker = await stage();
    await using _task = await broker.start("first", "secret");
    const url = `amqps://a-user:secret@localhost:${broker.port}`;
    await expect(publish(url)).rejects.toMatchObject({ code: "SELF_SIGNED_CERT_IN_CHAIN" });
    trustAlso([AUTHORITY.cert]);
    await publish(url);
    await expect(publish(url.replace("secret", "guess"))).rejects.toThrow("ACCESS_REFUSED");
    await expect(publish(url.replace("amqps", "amqp"))).rejects.toThrow();
    const log = await broker.log("first");
    expect(log).not.toContain("secret");
    // The data belongs to this name, and each task has a host of its own.
    expect(log).toMatch(/node +: rabbit@localhost/);
  });

  test("is replaced by another task, which has its orders and the new password", TEST, async () => {
    trustAlso([AUTHORITY.cert]);
    await using broker = await stage();
    const url = `amqps://localhost:${broker.port}`;
    let password = "first";
    const received: string[] = [];
    let connections = 0;
    const kept = keepConnected(url, {
      name: "test",
      credentials: async () => ({ username: "a-user", password }),
      setup: async (connection) => {
        connections++;
        if (password === "first") return;
        const channel = await connection.createChannel();
        await channel.consume(QUEUE, (message) => received.push(String(message?.content)), { noAck: true });
      },
      onFailure: () => {},
    });
    await using _kept = { [Symbol.asyncDispose]: () => kept.close() };
    {
      await using _task = await broker.start("first", password);
      await expect.poll(() => connections).toBe(1);
      await publish(`amqps://a-user:first@localhost:${broker.port}`);
    }
    password = "second";
    await using _task = await broker.start("second", password);
    await expect.poll(() => received).toEqual(["an order"]);
  });

  test("waits for the data while another task holds it", TEST, async () => {
    trustAlso([AUTHORITY.cert]);
    await using broker = await stage();
    const url = `amqps://a-user:secret@localhost:${broker.port}`;
    const first = await broker.start("first", "secret");
    const second = await broker.task("second", "secret");
    expect(broker.isHeld()).toBe(true);
    const starting = started({ ...second, isReady: async () => isReady }, join(broker.path, "second"));
    let isReady = false;
    await expect.poll(() => broker.log("second").catch(() => "")).toContain("Waits until the task before");
    await publish(url);
    await first.stop();
    await expect.poll(() => second.isReady(), { timeout: 90_000 }).toBe(true);
    isReady = true;
    await using _second = await starting;
    await publish(url);
  });
});
