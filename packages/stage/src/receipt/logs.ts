import {
  CloudWatchLogsClient,
  type LogGroup,
  paginateDescribeLogGroups,
} from "@aws-sdk/client-cloudwatch-logs";
import { MONTH_OF } from "../prices.ts";
import { whyKept } from "../removal.ts";
import { type Asked, all, aws, bytesText, type Found, isNamed, isOurs, type Look, patient } from "./found.ts";
import { resourcesOf } from "./stacks.ts";

const BROKER_LOG = /^\/aws\/amazonmq\/broker\/([^/]+)\//;

/** Log groups: the templates' own, and the ones without a stack. */
export const logs: Look = {
  service: "CloudWatch Logs",
  namespaces: ["logs"],
  types: ["AWS::Logs::LogGroup"],
  async find(asked) {
    const client = new CloudWatchLogsClient(patient(asked));
    const groups = await all(paginateDescribeLogGroups({ client }, {}), (page) => page.logGroups);
    const brokers = await brokersOf(asked, groups);
    return groups.flatMap((group) => {
      const name = group.logGroupName ?? "";
      const broker = BROKER_LOG.exec(name)?.[1];
      const isLeft = broker
        ? brokers.ours.has(broker) || !brokers.others.has(broker)
        : isOurs(asked, name, group.arn?.replace(/:\*$/, ""));
      return isLeft ? [foundOf(asked, group, broker !== undefined && !brokers.ours.has(broker))] : [];
    });
  },
};

function foundOf(asked: Asked, group: LogGroup, isOfUnknownStage: boolean): Found {
  const { logGroupName: name = "", storedBytes, retentionInDays } = group;
  const maker = makerOf(asked, name);
  const unknown = isOfUnknownStage ? ", for a broker whose stage CloudFormation no longer knows" : "";
  const days = retentionInDays === 1 ? "a day" : `${retentionInDays} days`;
  const lines = retentionInDays ? `its lines are deleted after ${days}` : "its lines are kept for ever";
  return {
    type: "AWS::Logs::LogGroup",
    id: name,
    name,
    size: storedBytes === undefined ? undefined : bytesText(storedBytes),
    usdMonthly: storedBytes === undefined ? undefined : MONTH_OF.stored("log", storedBytes),
    isAtMost: true,
    why: maker
      ? `${maker} creates it itself${unknown}, so no stack owns it; ${lines}`
      : withoutFixedName(asked, name) && whyKept("AWS::Logs::LogGroup", asked.settings),
    commands: [aws(asked, "logs", "delete-log-group", "--log-group-name", name)],
  };
}

/** The service that creates a log group of a stage outside the templates. */
function makerOf(asked: Asked, name: string): string | undefined {
  if (BROKER_LOG.test(name)) return "Amazon MQ";
  if (name.startsWith("/aws/ecs/containerinsights/")) return "Container Insights";
  // An older version of the stacks had this helper, and its log group remains.
  if (name.startsWith(`/aws/lambda/${asked.stage}-cloud-design-Broker-LogRetention`))
    return "a helper of CDK that the stacks no longer have";
  return undefined;
}

/** In prod too, a log group with a fixed name is deleted with its stack (`stacks/constructs/log-group.ts`). */
function withoutFixedName(asked: Asked, name: string): string | undefined {
  const isFixed = /^(\/aws\/(rds|vendedlogs)\/|aws-waf-logs-)/.test(name) && isNamed(asked, name);
  return isFixed ? undefined : name;
}

/** The name of a broker's log group contains only the broker's id; CloudFormation knows the broker's stage for 90 days. */
async function brokersOf(asked: Asked, groups: LogGroup[]) {
  const brokers = { ours: new Set<string>(), others: new Set<string>() };
  if (!groups.some(({ logGroupName = "" }) => BROKER_LOG.test(logGroupName))) return brokers;
  for (const stack of asked.stacks.filter(({ name }) => name.endsWith("-cloud-design-Broker"))) {
    for (const { type, id } of await resourcesOf(asked, stack)) {
      if (type === "AWS::AmazonMQ::Broker") brokers[stack.stage === asked.stage ? "ours" : "others"].add(id);
    }
  }
  return brokers;
}
