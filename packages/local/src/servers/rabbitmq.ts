import { globSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { basename, join } from "node:path";
import type { Part } from "../supervisor/part.ts";
import { type Broker, findBroker } from "./rabbitmq-broker.ts";
import { giveAllToUnprivileged, UNPRIVILEGED } from "./unprivileged.ts";

const READY_ANSWER_MILLISECONDS = 1500;
const PROTOCOL_HEADER = Buffer.from("AMQP\x00\x00\x09\x01", "latin1");
const METHOD_FRAME = 1;

/** Limits of memory and disk; `configuration` gives the reasons. */
export const BROKER_LIMITS = { memory: "512MB", disk: "50MB" } as const;

interface RabbitmqOptions {
  port: number;
  distributionPort: number;
  epmdPort: number;
  directory: string;
  user: string;
  password: string;
}

/** A RabbitMQ node of its own: it shares no files or ports with an installed broker, and forms no cluster. */
export function rabbitmqPart(options: RabbitmqOptions): Part {
  const { port, distributionPort, epmdPort, directory } = options;
  let broker: Broker | undefined;
  return {
    name: "rabbitmq",
    needs: [],
    port,
    url: `amqp://127.0.0.1:${port}`,
    otherPorts: { "Erlang distribution": distributionPort, "Erlang port mapper": epmdPort },
    async prepare(report) {
      broker = await findBroker(report);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeFile(join(directory, "rabbitmq.conf"), configuration(options), { mode: 0o600 });
      await writeFile(join(directory, "enabled_plugins"), "[].\n");
      await linkPlugins(broker, join(directory, "plugins"));
      await giveAllToUnprivileged(directory);
    },
    command() {
      if (broker === undefined) throw new Error("rabbitmq was not prepared");
      return {
        file: "/bin/sh",
        // Without a port mapper Erlang would start one that outlives the broker; this one stays in the broker's process group.
        args: [
          "-c",
          'epmd -address 127.0.0.1 -port "$ERL_EPMD_PORT" & exec "$0"',
          join(broker.scripts, "rabbitmq-server"),
        ],
        env: { ...broker.env, ...nodeEnvironment(options) },
        cwd: directory,
        ...UNPRIVILEGED,
      };
    },
    isReady: () => answersAmqp(port),
    readySeconds: 90,
    stopSignal: "SIGTERM",
    stopSeconds: 30,
    // Erlang handles signals only once its kernel runs.
    stopAgainSeconds: 1,
  };
}

function configuration({ port, user, password }: RabbitmqOptions): string {
  return `listeners.tcp.local = 127.0.0.1:${port}
default_user = ${user}
default_pass = ${password}
# Holds some 100,000 waiting orders. Beyond that, consumers are missing, and blocking publishers is better than swapping.
vm_memory_high_watermark.absolute = ${BROKER_LIMITS.memory}
# RabbitMQ's own default: a nearly full disk does not stop publishers, a full one does before data is damaged.
disk_free_limit.absolute = ${BROKER_LIMITS.disk}
# The default of 512 MB could fill all the memory above before it is written out.
raft.wal_max_size_bytes = 64000000
`;
}

/** A folder that holds the broker's plugins alone halves the start, because RabbitMQ inspects each of its 70 plugins. */
async function linkPlugins(broker: Broker, directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory);
  for (const plugin of globSync(join(broker.scripts, "../plugins/rabbit-[0-9]*")))
    await symlink(plugin, join(directory, basename(plugin)));
}

function nodeEnvironment({ directory, distributionPort, epmdPort }: RabbitmqOptions): Record<string, string> {
  return {
    // Erlang keeps its cookie there.
    HOME: directory,
    // Otherwise Erlang reads a path outside ASCII byte by byte.
    LANG: "C.UTF-8",
    ERL_EPMD_PORT: String(epmdPort),
    // Data belongs to a node's name, so the name must stay the same when the host name changes.
    RABBITMQ_NODENAME: "cloud-design@localhost",
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
    // The start script then becomes the broker instead of watching over it: a signal reaches the right process.
    RUNNING_UNDER_SYSTEMD: "true",
    // Nothing from a broker that is installed on the machine.
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_CONFIG_FILE: join(directory, "rabbitmq.conf"),
    RABBITMQ_CONFIG_FILES: join(directory, "conf.d"),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, "advanced.config"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, "enabled_plugins"),
    RABBITMQ_PLUGINS_DIR: join(directory, "plugins"),
    RABBITMQ_MNESIA_BASE: join(directory, "data"),
    RABBITMQ_LOG_BASE: join(directory, "log"),
    RABBITMQ_GENERATED_CONFIG_DIR: join(directory, "generated"),
    RABBITMQ_LOGS: "-",
  };
}

/** It greets a client only once it has started, with the method connection.start. */
function answersAmqp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: READY_ANSWER_MILLISECONDS });
    const answer = (isReady: boolean) => {
      socket.destroy();
      resolve(isReady);
    };
    socket.once("connect", () => socket.write(PROTOCOL_HEADER));
    socket.once("data", (frame) => answer(frame[0] === METHOD_FRAME));
    socket.once("timeout", () => answer(false));
    socket.once("error", () => answer(false));
    socket.once("close", () => answer(false));
  });
}
