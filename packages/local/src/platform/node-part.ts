import { deregister, isInService } from "../stand-ins/elastic-load-balancing/targets.ts";
import type { Part } from "../supervisor/part.ts";
import { bundle } from "./bundle.ts";

/** The settings of a process that its part states: `nodePart` adds the others. */
export type Given<Environment> = Omit<Environment, "PORT" | "METRICS_PORT"> & { LOG_LEVEL?: string };

interface NodePart {
  name: string;
  needs: readonly string[];
  /** 0 for a process that listens on no port. */
  port: number;
  /** File below `packages/`. */
  entry: string;
  env: Readonly<Record<string, string>>;
  /** Path that answers 200 once the process can serve. */
  healthPath?: string;
  /** Its further ports, by their purpose. */
  otherPorts?: Readonly<Record<string, number>>;
  /** Where Prometheus may read its metrics, from this machine alone. */
  metricsPort?: number | undefined;
  /** The parts behind it. */
  copies?: readonly string[];
  /** Seconds between the stop signal and the kill, if this part gets fewer than the others. */
  stopSeconds?: number;
  /** Makes what the process needs; resolves with the settings that say where it is. */
  prepare?(report: (doing: string) => void): Promise<Readonly<Record<string, string>>>;
}

/** With these, every part logs the metrics that AWS would publish for it, once per METRICS_SECONDS. Either all parts get them or no part does. */
const METRICS = Object.fromEntries(
  ["METRICS_NAMESPACE", "METRICS_SECONDS"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  }),
);

/** A process of this project, started from the same file as in its container. */
export function nodePart({ name, needs, port, entry, env, healthPath, prepare, ...ports }: NodePart): Part {
  // The time that ECS waits before it kills.
  const { metricsPort, copies, stopSeconds = 60 } = ports;
  const otherPorts = { ...ports.otherPorts, ...(metricsPort !== undefined && { metrics: metricsPort }) };
  const url = port === 0 ? "" : `http://localhost:${port}`;
  let program = "";
  let prepared: Readonly<Record<string, string>> = {};
  return {
    name,
    needs,
    port,
    url,
    otherPorts,
    ...(copies && { copies }),
    async prepare(report) {
      program = await bundle(entry, report);
      if (prepare) prepared = await prepare(report);
    },
    command: () => ({
      file: process.execPath,
      // V8 would keep more garbage from loading the program than the program itself needs.
      args: ["--max-semi-space-size=4", program],
      // The part inherits nothing else from this shell: a setting that it needs stands here, or it would be missing on AWS.
      env: {
        PATH: process.env.PATH ?? "",
        // The AWS SDK needs a home folder, and the user of a container has no entry in /etc/passwd to look it up.
        HOME: process.env.HOME ?? "/",
        LOG_LEVEL: process.env.LOG_LEVEL ?? "info",
        ...METRICS,
        PORT: String(port),
        ...(metricsPort !== undefined && { METRICS_PORT: String(metricsPort) }),
        ...env,
        ...prepared,
      },
    }),
    isReady: async () => healthPath === undefined || answers(`http://127.0.0.1:${port}${healthPath}`),
    readySeconds: 30,
    stopSignal: "SIGTERM",
    stopSeconds,
  };
}

/** The same part, with its traces sent to this collector. The collector starts before the part and stops after it, so that the last traces arrive. */
export function observed(part: Part, { collector, url }: { collector: string; url: string }): Part {
  const command = () => {
    const { env, ...rest } = part.command();
    return { ...rest, env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: url } };
  };
  return { ...part, needs: [collector, ...part.needs], command };
}

/** The same part as one of the targets of the balancer with this socket: it starts by entering service, and leaves it before it stops. */
export function balanced(part: Part, socket: string): Part {
  return {
    ...part,
    isReady: async () => (await part.isReady()) && isInService(socket, part.port),
    leave: () => deregister(socket, part.port),
  };
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(1_500) });
  await response.body?.cancel();
  return response.ok;
}
