import assert from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "@cloud-design/local/servers/free-port";
import { type Balancer, openBalancer } from "@cloud-design/local/stand-ins/elastic-load-balancing/balancer";
import type { Part } from "@cloud-design/local/supervisor/part";
import type { RunningPart } from "@cloud-design/local/supervisor/process";
import { startProcess } from "./start-process.ts";

interface Task {
  port: number;
  running: RunningPart;
}

/** A service as ECS runs it: some tasks behind a balancer. */
export interface Service {
  noun: "inventory" | "billing";
  balancer: Balancer;
  /** The running tasks, the oldest first. */
  tasks: readonly Task[];
  /** Resolves once the task is healthy and registered. */
  startTask(): Promise<Task>;
  /** Deregisters the task, then sends SIGTERM. Throws if it did not drain in order. */
  stopTask(task: Task): Promise<void>;
  /** Kills the task with -9. The balancer notices it at the next request and, with `deregister`, ECS does too. */
  killTask(task: Task): Promise<void>;
}

interface ServiceOptions {
  noun: Service["noun"];
  partOf(name: string, port: number): Part;
  tasks: number;
  /** The port of the balancer. */
  port: number;
  logDirectory: string;
}

/** Starts this many tasks; those that run at the end are stopped with the resources. */
export async function openService(
  { noun, partOf, tasks: count, port, logDirectory }: ServiceOptions,
  resources: AsyncDisposableStack,
): Promise<Service> {
  const balancer = resources.use(await openBalancer(port));
  const tasks: Task[] = [];
  let started = 0;
  resources.defer(async () => void (await Promise.all(tasks.map(({ running }) => running.stop()))));

  async function startTask(): Promise<Task> {
    const name = `${noun}-${++started}`;
    const port = await freePort();
    const running = await startProcess(partOf(name, port), join(logDirectory, `${name}.log`));
    const task = { port, running };
    tasks.push(task);
    await balancer.register(port);
    return task;
  }

  await Promise.all(Array.from({ length: count }, startTask));
  return {
    noun,
    balancer,
    tasks,
    startTask,
    async stopTask(task) {
      await balancer.deregister(task.port);
      tasks.splice(tasks.indexOf(task), 1);
      await stopInOrder(task.running);
    },
    async killTask(task) {
      task.running.kill();
      await task.running.exited;
      tasks.splice(tasks.indexOf(task), 1);
    },
  };
}

/** Sends SIGTERM; the process must end by itself, with all of its work done. */
export async function stopInOrder(running: RunningPart): Promise<void> {
  await running.stop();
  const { code, signal } = await running.exited;
  assert.equal(code, 0, `${running.name} did not drain in order: code ${code}, signal ${signal}`);
}
