import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { TARGET_GROUP } from "@cloud-design/containers/target-group";
import { drain, LOOPBACK, listen } from "../stand-in.ts";
import { afterCheck, INITIAL, type TargetHealth, targetOf } from "./target-health.ts";

/** The ALB's idle timeout of a connection. */
const IDLE_MILLISECONDS = 60_000;

type State = TargetHealth["state"];

export interface Balancer extends AsyncDisposable {
  /** How many requests each target has answered, by its port. */
  answered: ReadonlyMap<number, number>;
  /** Resolves with the state after a check; a target that is not healthy begins anew. */
  register(target: number): Promise<State>;
  /** Sends no new request to the target; resolves once it has answered those in flight, or once the deregistration delay has passed. */
  deregister(target: number): Promise<void>;
}

interface Options {
  onState?: (target: number, state: State | "deregistered") => void;
  /** Resolves with true when the next health check is due, with false if the signal is aborted. */
  untilNextCheck?: (signal: AbortSignal) => Promise<boolean>;
}

interface Target {
  port: number;
  health: TargetHealth;
  agent: Agent;
  inHand: Set<Promise<void>>;
  /** Aborted when the target is deregistered. */
  gone: AbortController;
}

/**
 * An Application Load Balancer with one target group of processes on this machine: HTTP to the healthy targets in turn, over connections
 * that are kept open, without retries. It answers 503 if it has no target and 502 if the target breaks off, both in HTML.
 */
export async function openBalancer(
  port: number,
  { onState = () => {}, untilNextCheck = waitInterval }: Options = {},
): Promise<Balancer> {
  const targets = new Map<number, Target>();
  const answered = new Map<number, number>();
  let turn = 0;

  const server = createServer({ keepAliveTimeout: IDLE_MILLISECONDS }, (incoming, outgoing) => {
    const target = targetOf([...targets.values()], turn++);
    if (target === undefined) return refuse(outgoing, 503);
    const exchange = forward(target, incoming, outgoing).then((isAnswered) => {
      if (isAnswered) answered.set(target.port, (answered.get(target.port) ?? 0) + 1);
      target.inHand.delete(exchange);
    });
    target.inHand.add(exchange);
  });
  await listen(server, port);

  async function checkOnce(target: Target): Promise<void> {
    const isPassed = await passes(target);
    if (target.gone.signal.aborted) return;
    const { state } = target.health;
    target.health = afterCheck(target.health, isPassed);
    if (target.health.state !== state) onState(target.port, target.health.state);
  }

  async function keepChecking(target: Target): Promise<void> {
    const { signal } = target.gone;
    while (await untilNextCheck(signal)) await checkOnce(target);
  }

  function remove(target: Target): void {
    targets.delete(target.port);
    target.gone.abort();
  }

  return {
    answered,
    async register(port) {
      const registered = targets.get(port);
      if (registered?.health.state === "healthy") return "healthy";
      if (registered) remove(registered);
      const agent = new Agent({ keepAlive: true, timeout: IDLE_MILLISECONDS });
      const target = {
        port,
        health: INITIAL,
        agent,
        inHand: new Set<Promise<void>>(),
        gone: new AbortController(),
      };
      targets.set(port, target);
      await checkOnce(target);
      void keepChecking(target);
      return target.health.state;
    },
    async deregister(port) {
      const target = targets.get(port);
      if (target === undefined) return;
      remove(target);
      const answers = Promise.all(target.inHand);
      await Promise.race([
        answers,
        sleep(TARGET_GROUP.deregistrationSeconds * 1_000, undefined, { ref: false }),
      ]);
      target.agent.destroy();
      onState(port, "deregistered");
    },
    async [Symbol.asyncDispose]() {
      await drain(server, TARGET_GROUP.deregistrationSeconds);
      for (const target of targets.values()) {
        remove(target);
        target.agent.destroy();
      }
    },
  };
}

async function passes({ port, gone }: Target): Promise<boolean> {
  const deadline = AbortSignal.timeout(TARGET_GROUP.timeoutSeconds * 1_000);
  try {
    const url = `http://${LOOPBACK}:${port}${TARGET_GROUP.path}`;
    const response = await fetch(url, { signal: AbortSignal.any([deadline, gone.signal]) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

async function waitInterval(signal: AbortSignal): Promise<boolean> {
  return sleep(TARGET_GROUP.intervalSeconds * 1_000, true, { signal }).catch(() => false);
}

/** Resolves once the exchange is over, with whether the target answered. */
function forward(
  { port, agent }: Target,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<boolean> {
  return new Promise((resolve) => {
    const { method, url, headers } = incoming;
    const asked = request({ host: LOOPBACK, port, agent, method, path: url, headers }, (response) => {
      // The target's keep-alive headers do not concern the balancer's own clients.
      const { connection, "keep-alive": kept, ...others } = response.headers;
      outgoing.writeHead(response.statusCode ?? 502, others);
      response.pipe(outgoing);
      response.once("close", () => {
        if (!response.complete) outgoing.destroy();
        resolve(response.complete);
      });
    });
    asked.once("error", () => {
      if (outgoing.headersSent) outgoing.destroy();
      else refuse(outgoing, 502);
      resolve(false);
    });
    outgoing.once("close", () => {
      if (!outgoing.writableFinished) asked.destroy();
    });
    incoming.pipe(asked);
  });
}

function refuse(outgoing: ServerResponse, status: number): void {
  outgoing.writeHead(status, { "content-type": "text/html" }).end(`<html><h1>${status}</h1></html>`);
}
