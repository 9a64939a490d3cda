import { DescribeAddressesCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { type AwsAccess, clientSettings } from "../aws-access.ts";
import { FUNCTIONS, isThis } from "../parts.ts";
import { stageSettings } from "../preset.ts";
import { Refusal } from "../refusal.ts";
import { resourcesOf, type StageAccess } from "../resources.ts";
import { CPU_UNITS } from "../task-size.ts";
import { Warning } from "./finding.ts";

interface Quota {
  service: string;
  code: string;
}

const ADDRESSES: Quota = { service: "ec2", code: "L-0263D0A3" };
const NETWORKS: Quota = { service: "vpc", code: "L-F678F1CE" };
const FARGATE: Quota = { service: "fargate", code: "L-3032A538" };
const FARGATE_SPOT: Quota = { service: "fargate", code: "L-36FBB829" };
const CONCURRENCY: Quota = { service: "lambda", code: "L-B99A9384" };
/** AWS's limit for a new account. The bridge takes two of them and the status probe one. */
const CONCURRENCY_LOW = 10;
/** AWS refuses a reservation that leaves less than this to all functions without one (Lambda developer guide, "Configuring reserved concurrency"). */
const UNRESERVED_MIN = 100;

/** An Elastic IP for each NAT gateway; an instance has an address that EC2 lends it. The addresses of an existing stage count as used, so only a new stage needs room. */
export async function checkAddresses(stage: string, isNew: boolean, access: AwsAccess): Promise<string> {
  const { nat, natGateways } = stageSettings(stage);
  const needed = isNew && nat === "gateway" ? natGateways : 0;
  const client = new EC2Client(clientSettings(access));
  const { Addresses: used = [] } = await client.send(new DescribeAddressesCommand({}));
  return room("Elastic IPs", ADDRESSES, { used: used.length, needed }, access);
}

export async function checkNetworks(isNew: boolean, access: AwsAccess): Promise<string> {
  const client = new EC2Client(clientSettings(access));
  const { Vpcs: used = [] } = await client.send(new DescribeVpcsCommand({}));
  return room("VPCs", NETWORKS, { used: used.length, needed: isNew ? 1 : 0 }, access);
}

interface Concurrency {
  /** The account's limit. */
  most: number;
  /** The part of it that the stage may reserve. */
  free: number;
  /** The part that the stage's functions reserve by the table. */
  reserved: number;
}

/** The present reservation of an existing stage is free for it. */
export async function concurrencyOf(stage: string, isNew: boolean, access: AwsAccess): Promise<Concurrency> {
  const { AccountLimit } = await new LambdaClient(clientSettings(access)).send(
    new GetAccountSettingsCommand({}),
  );
  const most = AccountLimit?.ConcurrentExecutions ?? 0;
  const { gatewayConcurrency = 0, orderGatewayConcurrency = 0 } = stageSettings(stage);
  const reserved = gatewayConcurrency + orderGatewayConcurrency;
  const unreserved = AccountLimit?.UnreservedConcurrentExecutions ?? most;
  const own = isNew || reserved === 0 ? 0 : await ownReservation({ ...access, stage });
  return { most, free: Math.max(0, unreserved + own - UNRESERVED_MIN), reserved };
}

/** The concurrency that the stage's functions reserve now. */
async function ownReservation(stage: StageAccess): Promise<number> {
  const client = new LambdaClient(clientSettings(stage));
  const made = await resourcesOf(stage)
    .ofStack(FUNCTIONS.gateway.resource.stack)
    .catch((error: unknown) => {
      // The stage was begun, and this stack was not.
      if (error instanceof Refusal) return [];
      throw error;
    });
  const names = [FUNCTIONS.gateway, FUNCTIONS["order-gateway"]].flatMap(
    ({ resource }) => made.find((one) => isThis(resource, one))?.physicalId || [],
  );
  const answers = await Promise.all(
    names.map((FunctionName) => client.send(new GetFunctionConcurrencyCommand({ FunctionName }))),
  );
  return answers.reduce((sum, answer) => sum + (answer.ReservedConcurrentExecutions ?? 0), 0);
}

export function checkConcurrency({ most, free, reserved }: Concurrency, access: AwsAccess): string {
  if (reserved > free) {
    const command = increase(CONCURRENCY, Math.max(1_000, most + reserved - free), access);
    throw new Warning(
      `The stage would reserve ${reserved} Lambda functions at once, so that reads take no place of orders, and of this account's ${most} only ${free} can be reserved: it is deployed without. Ask for more with \`${command}\`, and then deploy again.`,
    );
  }
  if (most > CONCURRENCY_LOW) return `${most} Lambda functions at once`;
  throw new Warning(
    `Only ${most} Lambda functions may run at once in this account, of which the bridge takes two and the status probe one: ask for more with \`${increase(CONCURRENCY, 1_000, access)}\`.`,
  );
}

/** A deployment doubles the tasks of each service; a broker in a container, which runs on Spot, is one task at any time. */
export async function checkFargate(stage: string, access: AwsAccess): Promise<string> {
  const { inventoryTasks, billingTasks, isInventoryOnSpot, isBillingOnSpot, brokerInstance } =
    stageSettings(stage);
  const services = [
    { ...inventoryTasks, isOnSpot: isInventoryOnSpot },
    { ...billingTasks, isOnSpot: isBillingOnSpot },
  ].map(({ min, max, isOnSpot }) => ({ min: 2 * min, max: 2 * max, isOnSpot }));
  if (brokerInstance === "container") services.push({ min: 1, max: 1, isOnSpot: true });
  const said: string[] = [];
  for (const [what, quota, onSpot] of [
    ["Fargate", FARGATE, false],
    ["Fargate Spot", FARGATE_SPOT, true],
  ] as const) {
    const tasks = services.filter(({ isOnSpot }) => isOnSpot === onSpot);
    if (tasks.length === 0) continue;
    const cpus = (bound: "min" | "max") =>
      tasks.reduce((sum, range) => sum + (range[bound] * CPU_UNITS) / 1_024, 0);
    said.push(await cpuRoom(what, quota, cpus("min"), cpus("max"), access));
  }
  return said.join("; ");
}

async function cpuRoom(
  what: string,
  quota: Quota,
  least: number,
  most: number,
  access: AwsAccess,
): Promise<string> {
  const limit = await limitOf(quota, access);
  const said = `${limit} vCPU of ${what}, takes ${least} to ${most}`;
  if (limit >= most) return said;
  const command = increase(quota, Math.max(16, most), access);
  const advice = `ask for more with \`${command}\`.`;
  if (limit < least) throw new Refusal(`There is no room for the tasks: ${said}; ${advice}`);
  throw new Warning(`There is no room for all tasks that scaling may start: ${said}; ${advice}`);
}

async function room(
  what: string,
  quota: Quota,
  { used, needed }: { used: number; needed: number },
  access: AwsAccess,
): Promise<string> {
  const limit = await limitOf(quota, access);
  const said = `${used} of ${limit} ${what} in use, takes ${needed}`;
  if (needed === 0 || used + needed <= limit) return said;
  const command = increase(quota, Math.max(2 * limit, used + needed), access);
  throw new Refusal(
    `There is no room for another stage: ${said}. Release unused ones, take another region, or ask for more with \`${command}\`.`,
  );
}

/** The quota in force for this account; AWS's default if it was never changed. */
async function limitOf({ service, code }: Quota, access: AwsAccess): Promise<number> {
  const client = new ServiceQuotasClient(clientSettings(access));
  const question = { ServiceCode: service, QuotaCode: code };
  const { Quota } = await client.send(new GetServiceQuotaCommand(question)).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === "NoSuchResourceException")) throw error;
    return client.send(new GetAWSDefaultServiceQuotaCommand(question));
  });
  return Quota?.Value ?? 0;
}

function increase({ service, code }: Quota, value: number, { region, profile }: AwsAccess): string {
  const who = profile ? ` --profile ${profile}` : "";
  return `aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} --desired-value ${value} --region ${region}${who}`;
}
