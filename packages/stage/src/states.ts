import { CloudFrontClient, GetDistributionCommand } from "@aws-sdk/client-cloudfront";
import { DescribeServicesCommand, ECSClient } from "@aws-sdk/client-ecs";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DescribeBrokerCommand, MqClient } from "@aws-sdk/client-mq";
import { DescribeDBInstancesCommand, DescribeDBProxiesCommand, RDSClient } from "@aws-sdk/client-rds";
import { clientSettings, explained, isDenied } from "./aws-access.ts";
import { nameOf } from "./names.ts";
import { BROKER, DATABASES, DISTRIBUTION, FUNCTIONS, SERVICES } from "./parts.ts";
import { Refusal } from "./refusal.ts";
import { brokerServiceOf, resourcesOf, type StageAccess, type StageResources } from "./resources.ts";
import { serviceOf } from "./service-rollout.ts";

export interface PartState {
  part: string;
  /** AWS's own word; `missing` where the stage does not have the part, `not allowed` or `unknown` without an answer of AWS. */
  state: string;
  counts: Record<string, number>;
  /** The time of the last deployment or change; a queue and the site do not report it. */
  changedAt: string | null;
  /** The reason for a missing answer or for an unhealthy state. */
  problem: string | null;
}

export type Known = Omit<PartState, "part">;

/** One request to AWS, answered with one part or several. */
export interface Question {
  /** The part named in the row when there is no answer. */
  part: string;
  ask(): Promise<PartState[]>;
}

/** Asks every question; each has its answer or the reason for a missing one. A missing right hides only its own part. Throws when all fail. */
export async function statesOf(stage: StageAccess, questions: readonly Question[]): Promise<PartState[]> {
  const all = (await Promise.all(questions.map((question) => answerTo(question, stage)))).flat();
  // No stage, no credentials or no network: the reason is the same for every part.
  const [first] = all;
  if (first?.problem && all.every(({ state }) => NO_ANSWER.includes(state))) throw new Refusal(first.problem);
  return all;
}

const NO_ANSWER = ["missing", "unknown"];

async function answerTo({ part, ask }: Question, stage: StageAccess): Promise<PartState[]> {
  return ask().catch((error: unknown) => [{ part, counts: {}, changedAt: null, ...refused(error, stage) }]);
}

function refused(error: unknown, stage: StageAccess): Pick<PartState, "state" | "problem"> {
  if (error instanceof Refusal) return { state: "missing", problem: error.message };
  return { state: isDenied(error) ? "not allowed" : "unknown", problem: explained(error, stage).message };
}

/** The parts of a stage except its queues: the client of SQS is not installed beside CDK. */
export function questionsOf(stage: StageAccess, resources: StageResources = resourcesOf(stage)): Question[] {
  const settings = clientSettings(stage);
  const [ecs, lambda, rds, mq, cloudfront] = [
    new ECSClient(settings),
    new LambdaClient(settings),
    new RDSClient(settings),
    new MqClient(settings),
    new CloudFrontClient(settings),
  ];
  const one = (part: string, ask: () => Promise<Known>): Question => ({
    part,
    ask: async () => [{ part, ...(await ask()) }],
  });
  return [
    ...Object.entries(FUNCTIONS).map(([part, { resource }]) =>
      one(part, async () => stateOfFunction(lambda, await resources.physicalId(resource))),
    ),
    ...Object.entries(SERVICES).map(([part, { resource }]) =>
      one(part, async () => stateOfService(ecs, await resources.physicalId(resource))),
    ),
    {
      part: "databases",
      ask: () => each(stage, resources, DATABASES.server, (id) => stateOfServer(rds, id)),
    },
    { part: "proxies", ask: () => each(stage, resources, DATABASES.proxy, (id) => stateOfProxy(rds, id)) },
    one("rabbitmq", async () => {
      const service = await brokerServiceOf(resources);
      return service ? stateOfService(ecs, service) : stateOfBroker(mq, await resources.physicalId(BROKER));
    }),
    one("distribution", async () =>
      stateOfDistribution(cloudfront, await resources.physicalId(DISTRIBUTION)),
    ),
  ];
}

/** One or two servers and proxies, named after the services that use them. */
async function each(
  stage: StageAccess,
  resources: StageResources,
  type: string,
  stateOf: (name: string) => Promise<Known>,
): Promise<PartState[]> {
  const kind = type === DATABASES.server ? "database" : "proxy";
  const found = (await resources.ofStack(DATABASES.stack)).filter((resource) => resource.type === type);
  const rows = await Promise.all(
    found.map(({ physicalId }) => {
      const part = `${physicalId.replace(nameOf(stage, ""), "")}-${kind}`;
      return answerTo({ part, ask: async () => [{ part, ...(await stateOf(physicalId)) }] }, stage);
    }),
  );
  return rows.flat();
}

async function stateOfFunction(client: LambdaClient, FunctionName: string): Promise<Known> {
  const about = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const { State = "Active", LastUpdateStatus = "Successful", StateReason, LastUpdateStatusReason } = about;
  const isChanging = LastUpdateStatus !== "Successful";
  return {
    state: words(isChanging ? `${State}, update ${LastUpdateStatus}` : State),
    counts: {},
    // Lambda writes +0000, where ISO 8601 has a colon or a Z.
    changedAt: moment(about.LastModified === undefined ? undefined : new Date(about.LastModified)),
    problem: StateReason ?? LastUpdateStatusReason ?? null,
  };
}

async function stateOfService(client: ECSClient, arn: string): Promise<Known> {
  const { services: [service] = [] } = await client.send(new DescribeServicesCommand(serviceOf(arn)));
  const { status = "MISSING", runningCount = 0, desiredCount = 0, deployments = [] } = service ?? {};
  const primary = deployments.find((deployment) => deployment.status === "PRIMARY");
  return {
    state: status === "ACTIVE" ? words(primary?.rolloutState ?? status) : words(status),
    counts: { running: runningCount, desired: desiredCount },
    changedAt: moment(primary?.createdAt),
    problem: primary?.rolloutState === "COMPLETED" ? null : (primary?.rolloutStateReason ?? null),
  };
}

async function stateOfServer(client: RDSClient, DBInstanceIdentifier: string): Promise<Known> {
  const { DBInstances: [server] = [] } = await client.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier }),
  );
  const { DBInstanceStatus = "missing", InstanceCreateTime } = server ?? {};
  return { state: DBInstanceStatus, counts: {}, changedAt: moment(InstanceCreateTime), problem: null };
}

async function stateOfProxy(client: RDSClient, DBProxyName: string): Promise<Known> {
  const { DBProxies: [proxy] = [] } = await client.send(new DescribeDBProxiesCommand({ DBProxyName }));
  const { Status = "missing", UpdatedDate } = proxy ?? {};
  return { state: Status, counts: {}, changedAt: moment(UpdatedDate), problem: null };
}

async function stateOfBroker(client: MqClient, BrokerId: string): Promise<Known> {
  const {
    BrokerState = "missing",
    BrokerInstances = [],
    Created,
  } = await client.send(new DescribeBrokerCommand({ BrokerId }));
  return {
    state: words(BrokerState),
    counts: { nodes: BrokerInstances.length },
    changedAt: moment(Created),
    problem: null,
  };
}

async function stateOfDistribution(client: CloudFrontClient, Id: string): Promise<Known> {
  const { Distribution } = await client.send(new GetDistributionCommand({ Id }));
  const { Status = "missing", LastModifiedTime } = Distribution ?? {};
  return { state: words(Status), counts: {}, changedAt: moment(LastModifiedTime), problem: null };
}

/** `IN_PROGRESS` and `InProgress` alike. */
function words(state: string): string {
  return state
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .replaceAll("_", " ")
    .toLowerCase();
}

export function moment(date: Date | undefined): string | null {
  return date === undefined || Number.isNaN(date.getTime()) ? null : date.toISOString();
}
