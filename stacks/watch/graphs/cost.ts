import { standingBill } from "@cloud-design/stage/bill/standing";
import { presetOf, stageSettings } from "@cloud-design/stage/preset";
import { PER_USE, totalOf } from "@cloud-design/stage/prices";
import { Duration } from "aws-cdk-lib";
import {
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  Metric,
  Stats,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { type Stack, use } from "sst/constructs";
import { Api } from "../../api.ts";
import { Billing } from "../../billing.ts";
import { Cluster } from "../../cluster.ts";
import { Gateway } from "../../gateway.ts";
import { Inventory } from "../../inventory.ts";
import { Orders } from "../../orders.ts";
import { Status } from "../../status.ts";
import { COLUMNS, row } from "./widgets.ts";

/** Finer than the prices, and coarse enough for a month on one page. */
const HOUR = Duration.hours(1);

interface Driver {
  /** The usage, and the unit by which it is billed. */
  what: string;
  usdEach: number;
  /** The usage in that unit, in each hour. */
  usage: IMetric;
}

/**
 * The costs that grow with traffic, as usage and as money. CloudWatch's own estimate covers the whole account, exists only in us-east-1, and is
 * some hours old.
 */
export function costWidgets(stack: Stack): IWidget[][] {
  const all = drivers(stack);
  const usd = all.map(({ what, usdEach, usage }, index) =>
    inUsd(`usage${index}`, usage, usdEach).with({ label: what }),
  );
  const stacked = { title: "USD an hour, by what drives it", left: usd, stacked: true, width: COLUMNS };
  const half = Math.ceil(all.length / 2);
  const graphs = all.map(({ what, usdEach, usage }) => ({
    title: `${what} in an hour, at $${usdEach} each`,
    left: [usage],
    right: [inUsd("usage", usage, usdEach)],
    leftYAxis: { min: 0 },
    rightYAxis: { min: 0 },
  }));
  return [
    [standing(stack)],
    [new GraphWidget(stacked)],
    row(stack, graphs.slice(0, half)),
    row(stack, graphs.slice(half)),
  ];
}

/** The costs that are billed without any traffic. */
function standing(stack: Stack): IWidget {
  const lines = standingBill(presetOf(stack.stage), stageSettings(stack.stage).hasProxy);
  const rows = lines.map(
    ({ part, count, unit, usdMonthly }) => `${part}, ${count} x ${unit}: **$${usdMonthly.toFixed(2)}**`,
  );
  const markdown = `The standing costs are **$${totalOf(lines).toFixed(2)}** a month, on demand in us-east-1 (docs/cost.md): ${rows.join(" · ")}`;
  return new TextWidget({ markdown, width: COLUMNS, height: 4 });
}

function drivers(stack: Stack): Driver[] {
  const { stage } = stack;
  return [
    {
      what: "GB through the account's NAT gateways",
      usdEach: PER_USE.natGb,
      usage: gigabytes(
        ["BytesOutToDestination", "BytesInFromDestination"]
          .map((name) => `SUM(SEARCH('{AWS/NATGateway,NatGatewayId} MetricName="${name}"', 'Sum', 3600))`)
          .join(" + "),
      ),
    },
    {
      what: "GB of logs",
      usdEach: PER_USE.logGb,
      // The names of the stage's log groups contain its name.
      usage: gigabytes(
        `SUM(SEARCH('{AWS/Logs,LogGroupName} MetricName="IncomingBytes" "${stage}-cloud-design"', 'Sum', 3600))`,
      ),
    },
    { what: "GB-seconds of Lambda", usdEach: PER_USE.gbSecond, usage: gbSeconds() },
    {
      what: "API requests",
      usdEach: PER_USE.httpRequest,
      usage: use(Api).httpApi.metricCount({ period: HOUR, statistic: Stats.SUM, label: "requests" }),
    },
    {
      what: "Capacity units of the balancer",
      usdEach: PER_USE.lcu,
      usage: use(Cluster).loadBalancer.metrics.consumedLCUs({ period: HOUR, label: "LCUs" }),
    },
    { what: "Fargate task-hours", usdEach: PER_USE.taskHour, usage: taskHours() },
  ];
}

function gigabytes(bytes: string): MathExpression {
  return new MathExpression({
    expression: `(${bytes}) / 1000000000`,
    usingMetrics: {},
    period: HOUR,
    label: "GB",
  });
}

/** Lambda counts milliseconds; their price depends on the memory. */
function gbSeconds(): MathExpression {
  const functions = Object.entries({
    gateway: use(Gateway).gateway,
    orders: use(Gateway).orderGateway,
    bridge: use(Orders).bridge,
    probe: use(Status).probe,
  });
  const share = ([id, handler]: (typeof functions)[number]) =>
    `FILL(${id}, 0) * ${((handler.node.defaultChild as CfnFunction).memorySize ?? 128) / 1_024} / 1000`;
  const durations = functions.map(([id, handler]) => [
    id,
    handler.metricDuration({ period: HOUR, statistic: Stats.SUM }),
  ]);
  return new MathExpression({
    expression: functions.map(share).join(" + "),
    usingMetrics: Object.fromEntries(durations),
    period: HOUR,
    label: "GB-seconds",
  });
}

function taskHours(): MathExpression {
  const running = [use(Inventory).service, use(Billing).service].map((service, index) => [
    `tasks${index}`,
    new Metric({
      namespace: "ECS/ContainerInsights",
      metricName: "RunningTaskCount",
      dimensionsMap: { ClusterName: service.cluster.clusterName, ServiceName: service.serviceName },
      period: HOUR,
      statistic: Stats.AVERAGE,
    }),
  ]);
  return new MathExpression({
    expression: "tasks0 + tasks1",
    usingMetrics: Object.fromEntries(running),
    period: HOUR,
    label: "task-hours",
  });
}

function inUsd(id: string, usage: IMetric, usdEach: number): MathExpression {
  return new MathExpression({
    expression: `${id} * ${usdEach}`,
    usingMetrics: { [id]: usage },
    period: HOUR,
    label: "USD",
  });
}
