import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from "@aws-sdk/client-ecs";
import { type AwsAccess, clientSettings, explained } from "./aws-access.ts";
import { nameOf, TUNNEL } from "./names.ts";
import { stageSettings } from "./preset.ts";
import { Refusal } from "./refusal.ts";
import { TunnelLabels } from "./tunnel-ends.ts";

export interface TunnelPlace {
  stage: string;
  access: AwsAccess;
  labels: TunnelLabels;
}

export interface TunnelTask {
  arn: string;
  /** Session Manager's id of its container. */
  target: string;
}

interface Starting {
  report: (doing: string) => void;
  signal?: AbortSignal | undefined;
}

/** The start of a task takes half a minute to a minute in most stages; after this time it has failed. */
const START_SECONDS = 240;
const POLL_MS = 1_000;
const AGENT = "ExecuteCommandAgent";
const DOING: Readonly<Record<string, string>> = {
  PROVISIONING: "gets its place in the network",
  PENDING: "fetches its image",
  ACTIVATING: "starts",
  RUNNING: "waits for its agent",
};

/** The network, and the targets, of a stage's tunnel, in one request. Refuses when the stage has no tunnel. */
export async function findTunnel(stage: string, access: AwsAccess): Promise<TunnelPlace> {
  if (stageSettings(stage).tunnelHours === 0) {
    throw new Refusal(
      `${stage} has no tunnel, so a laptop cannot query its databases: use a shell in its network ("Reaching RabbitMQ" in docs/runbook.md).`,
    );
  }
  const family = nameOf({ stage }, TUNNEL);
  const { taskDefinition } = await ask(access, (ecs) =>
    ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: family })),
  ).catch((error: unknown) => {
    // "Unable to describe task definition."
    if (error instanceof Error && error.name === "ClientException") throw noSuchStage(stage, access);
    throw explained(error, access);
  });
  const container = taskDefinition?.containerDefinitions?.find(({ name }) => name === TUNNEL);
  const labels = TunnelLabels.safeParse(container?.dockerLabels);
  if (!labels.success) throw noSuchStage(stage, access);
  return { stage, access, labels: labels.data };
}

/** The running tunnel of this machine, by the process that opened it; a killed process leaves its task behind. */
export async function openHere({
  stage,
  access,
  labels,
}: TunnelPlace): Promise<(TunnelTask & { pid: number }) | undefined> {
  const { cluster } = labels;
  const tasks = await orExplained(access, async (ecs) => {
    const family = nameOf({ stage }, TUNNEL);
    const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, family }));
    if (taskArns.length === 0) return [];
    return (await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }))).tasks ?? [];
  });
  for (const task of tasks) {
    const [host, pid] = (task.startedBy ?? "").split("/");
    const target = targetOf(task, cluster);
    if (host === thisHost() && target && task.taskArn) return { arn: task.taskArn, target, pid: Number(pid) };
  }
  return undefined;
}

/** Runs a task and waits until its agent can forward. Stops the task when that fails. */
export async function startTask(place: TunnelPlace, { report, signal }: Starting): Promise<TunnelTask> {
  const { access, labels } = place;
  report("asks for a task");
  const arn = await runTask(place);
  try {
    const deadline = performance.now() + START_SECONDS * 1_000;
    while (performance.now() < deadline) {
      const task = await describe(place, arn);
      const target = targetOf(task, labels.cluster);
      if (target) return { arn, target };
      refuseEnded(task);
      report(DOING[task.lastStatus ?? ""] ?? "starts");
      await sleep(POLL_MS, undefined, { signal });
    }
    throw new Refusal(
      `The tunnel's task is not ready after ${START_SECONDS} s: try again; if it stays so, look at ${arn} in the console of ECS.`,
    );
  } catch (error) {
    await stopTask(place, arn).catch(() => {}); // the task stops by itself later
    throw signal?.aborted ? error : error instanceof Refusal ? error : explained(error, access);
  }
}

export async function stopTask({ access, labels }: TunnelPlace, arn: string): Promise<void> {
  await orExplained(access, (ecs) =>
    ecs.send(new StopTaskCommand({ cluster: labels.cluster, task: arn, reason: "The tunnel was closed" })),
  );
}

async function runTask({ stage, access, labels }: TunnelPlace): Promise<string> {
  const { tasks, failures } = await orExplained(access, (ecs) =>
    ecs.send(
      new RunTaskCommand({
        cluster: labels.cluster,
        taskDefinition: nameOf({ stage }, TUNNEL),
        launchType: "FARGATE",
        enableExecuteCommand: true,
        // The budget counts by the stage's tag.
        propagateTags: "TASK_DEFINITION",
        startedBy: `${thisHost()}/${process.pid}`,
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: labels.subnets.split(","),
            securityGroups: [labels.group],
            assignPublicIp: "DISABLED",
          },
        },
      }),
    ),
  );
  const arn = tasks?.[0]?.taskArn;
  if (arn) return arn;
  const reason = failures?.map((failure) => failure.detail ?? failure.reason).join(", ") || "no reason";
  throw new Refusal(`AWS runs no task for the tunnel (${reason}): try again in some minutes.`);
}

async function describe({ access, labels }: TunnelPlace, arn: string): Promise<Task> {
  const { tasks } = await orExplained(access, (ecs) =>
    ecs.send(new DescribeTasksCommand({ cluster: labels.cluster, tasks: [arn] })),
  );
  // ECS may not list the task in the first second.
  return tasks?.[0] ?? {};
}

/** Undefined until its agent runs. */
function targetOf({ taskArn, containers, desiredStatus }: Task, cluster: string): string | undefined {
  const { runtimeId, managedAgents = [] } = containers?.find(({ name }) => name === TUNNEL) ?? {};
  const isReady = managedAgents.some(({ name, lastStatus }) => name === AGENT && lastStatus === "RUNNING");
  if (!isReady || !runtimeId || !taskArn || desiredStatus === "STOPPED") return undefined;
  return `ecs:${cluster}_${taskArn.split("/").at(-1)}_${runtimeId}`;
}

function refuseEnded({ desiredStatus, stoppedReason, containers }: Task): void {
  // Not by position: AWS may add containers of its own.
  const { reason, managedAgents = [] } = containers?.find(({ name }) => name === TUNNEL) ?? {};
  if (desiredStatus === "STOPPED") {
    const said =
      [stoppedReason, reason].filter(Boolean).join(" ").replace(/\.$/, "") || "AWS gives no reason";
    throw new Refusal(`The tunnel's task did not start: ${said}.`);
  }
  const agent = managedAgents.find(({ name, lastStatus }) => name === AGENT && lastStatus === "STOPPED");
  if (agent)
    throw new Refusal(
      `The agent of the tunnel's task does not run: ${agent.reason ?? "AWS gives no reason"}.`,
    );
}

/** As `startedBy` allows: 128 letters, digits, hyphens, underscores and slashes. */
function thisHost(): string {
  return hostname()
    .replaceAll(/[^A-Za-z0-9_-]/g, "-")
    .slice(0, 100);
}

function noSuchStage(stage: string, { region }: AwsAccess): Refusal {
  return new Refusal(
    `There is no tunnel of ${stage} in ${region}: name another --region, or deploy the stage with this version.`,
  );
}

async function ask<T>(access: AwsAccess, question: (ecs: ECSClient) => Promise<T>): Promise<T> {
  const ecs = new ECSClient(clientSettings(access));
  try {
    return await question(ecs);
  } finally {
    ecs.destroy();
  }
}

function orExplained<T>(access: AwsAccess, question: (ecs: ECSClient) => Promise<T>): Promise<T> {
  return ask(access, question).catch((error: unknown) => {
    throw explained(error, access);
  });
}
