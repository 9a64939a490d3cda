import { freePort } from "@cloud-design/local/servers/free-port";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { isFree } from "@cloud-design/local/supervisor/ports";
import type { NamedStage } from "@cloud-design/stage/deployed";
import type { TunnelTarget } from "@cloud-design/stage/tunnel-ends";
import {
  findTunnel,
  openHere,
  startTask,
  stopTask,
  type TunnelPlace,
  type TunnelTask,
} from "@cloud-design/stage/tunnel-task";
import { onStage } from "../stage/access.ts";
import { type Forward, keepForwarded } from "./forward.ts";
import { checkPrograms } from "./programs.ts";

export interface TunnelOptions<Target extends TunnelTarget> extends NamedStage {
  targets: readonly Target[];
  /** Local ports; without them, free ones. */
  ports?: Readonly<Record<Target, number>>;
  /** Refuses if this machine has a tunnel to the stage already; otherwise that one is used. */
  isAlone?: boolean;
  report: (doing: string) => void;
  signal?: AbortSignal;
}

export interface Tunnel<Target extends TunnelTarget> extends AsyncDisposable {
  /** Ports on 127.0.0.1. */
  ports: Record<Target, number>;
  /** The addresses that the stage's own services use. */
  addresses: Record<TunnelTarget, string>;
  /** The ARNs of the secrets with which the services sign in to their databases. */
  secrets: { movies: string; orders: string };
  /** Rejects when the tunnel went down by itself; settles when it is closed. */
  done: Promise<unknown>;
}

/** Forwards ports of this machine to parts of a stage's network. Its disposal closes them and stops the task that it has started. */
export async function openTunnel<Target extends TunnelTarget>(
  options: TunnelOptions<Target>,
): Promise<Tunnel<Target>> {
  const { targets, report, signal } = options;
  const ports = options.ports ?? (await freePorts(targets));
  return onStage(options, async ({ stage, region, profile }) => {
    const place = await findTunnel(stage, { region, profile });
    await Promise.all([checkPrograms(), refuseTaken(ports)]);
    await using open = new AsyncDisposableStack();
    const task = await takeTask(place, options, open);
    report("opens the ports");
    const forwards = await forwardAll(place, task, ports, open);
    signal?.throwIfAborted();
    const done = Promise.all(forwards.map((forward) => forward.done));
    done.catch(() => {}); // a short query does not wait for it
    const { moviesSecret: movies, ordersSecret: orders } = place.labels;
    const kept = open.move();
    return {
      ports,
      addresses: place.labels,
      secrets: { movies, orders },
      done,
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    };
  });
}

/** Opens all of them, or closes all again. */
async function forwardAll(
  { labels, access }: TunnelPlace,
  { target }: TunnelTask,
  ports: Readonly<Partial<Record<TunnelTarget, number>>>,
  open: AsyncDisposableStack,
): Promise<Forward[]> {
  const attempts = (Object.entries(ports) as [TunnelTarget, number][]).map(([name, localPort]) => {
    const { hostname: host, port } = new URL(labels[name]);
    return keepForwarded({ target, host, port: Number(port), localPort, access });
  });
  const settled = await Promise.allSettled(attempts);
  const forwards = settled.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
  open.defer(async () => void (await Promise.all(forwards.map((forward) => forward.close()))));
  for (const attempt of settled) if (attempt.status === "rejected") throw attempt.reason;
  return forwards;
}

/** The task that this machine has open already, that of a killed process, or a new one; the last two are stopped at the end. */
async function takeTask(
  place: TunnelPlace,
  { isAlone, report, signal }: Pick<TunnelOptions<never>, "isAlone" | "report" | "signal">,
  open: AsyncDisposableStack,
): Promise<TunnelTask> {
  const here = await openHere(place);
  if (here && isRunning(here.pid)) {
    if (!isAlone) return here;
    throw new SetupError(
      `A tunnel to ${place.stage} is open already, by process ${here.pid} of this machine: use it, or end it there with Ctrl-C.`,
    );
  }
  const task = here ?? (await startTask(place, { report, signal }));
  // A task that cannot be stopped ends by itself later, but the user should know.
  open.defer(() => stopTask(place, task.arn).catch(({ message }: Error) => report(message)));
  return task;
}

async function freePorts<Target extends string>(targets: readonly Target[]): Promise<Record<Target, number>> {
  const entries = await Promise.all(targets.map(async (target) => [target, await freePort()]));
  return Object.fromEntries(entries);
}

async function refuseTaken(ports: Readonly<Record<string, number>>): Promise<void> {
  for (const [target, port] of Object.entries(ports)) {
    if (await isFree(port)) continue;
    throw new SetupError(
      `Port ${port}, where ${target} would be, is taken: end what listens there (a tunnel to another stage?), then try again.`,
    );
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
