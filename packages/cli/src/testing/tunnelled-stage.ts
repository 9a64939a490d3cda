import { hostname } from "node:os";
import {
  jsonError,
  type RecordedAnswer,
  type RecordedAws,
  startRecordedAws,
} from "@cloud-design/stage/testing/recorded-aws";
import type { TunnelLabels } from "@cloud-design/stage/tunnel-ends";

export const LABELS = {
  cluster: "mine-cluster",
  subnets: "subnet-1,subnet-2",
  group: "sg-tunnel",
  inventory: "http://balancer.example:8080",
  billing: "http://balancer.example:8081",
  movies: "postgres://inventory@proxy.example:5432/movies?sslmode=verify-full",
  orders: "postgres://billing@proxy.example:5432/orders?sslmode=verify-full",
  broker: "amqps://broker.example:5671",
  moviesSecret: "arn:aws:secretsmanager:us-east-1:123456789012:secret:movies",
  ordersSecret: "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders",
} satisfies TunnelLabels;

const ARN = "arn:aws:ecs:us-east-1:123456789012:task/mine-cluster/0a1b2c";
export const TARGET = "ecs:mine-cluster_0a1b2c_0a1b2c-77";

/** A task in one state; `agent` is ECS's status of the agent beside its container. */
export function task(
  lastStatus: string,
  { agent = "PENDING", ...more }: Record<string, unknown> & { agent?: string } = {},
) {
  const managedAgents = [{ name: "ExecuteCommandAgent", lastStatus: agent }];
  const containers = [
    { name: "aws-guardduty-agent" },
    { name: "tunnel", managedAgents, ...(lastStatus === "RUNNING" && { runtimeId: "0a1b2c-77" }) },
  ];
  return { taskArn: ARN, lastStatus, desiredStatus: "RUNNING", containers, ...more };
}

/** The task of another process on this machine. */
export function taskOf(pid: number) {
  const startedBy = `${hostname().replaceAll(/[^A-Za-z0-9_-]/g, "-")}/${pid}`;
  return task("RUNNING", { agent: "RUNNING", startedBy });
}

export interface TunnelledStage extends RecordedAws {
  /** ECS's descriptions of the task, one after the other; the last one repeats. */
  states: object[];
}

/** The account of a stage `mine` without an open tunnel. */
export async function startTunnelledStage(): Promise<TunnelledStage> {
  const states: object[] = [
    task("PROVISIONING"),
    task("PENDING"),
    task("RUNNING"),
    task("RUNNING", { agent: "RUNNING" }),
  ];
  const next = (): RecordedAnswer => ({ body: { tasks: [states.length > 1 ? states.shift() : states[0]] } });
  const aws = await startRecordedAws({
    DescribeTaskDefinition: ({ json }) =>
      json.taskDefinition === "mine-cloud-design-tunnel"
        ? { body: { taskDefinition: { containerDefinitions: [{ name: "tunnel", dockerLabels: LABELS }] } } }
        : jsonError("ClientException", "Unable to describe task definition."),
    ListTasks: { body: { taskArns: [] } },
    RunTask: { body: { tasks: [task("PROVISIONING")], failures: [] } },
    DescribeTasks: next,
    StopTask: { body: {} },
  });
  return { ...aws, states };
}
