import { nameOf } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import type { DashboardName } from "@cloud-design/stage/settings";
import { ArnFormat } from "aws-cdk-lib";
import {
  Alarm,
  AlarmStatusWidget,
  AlarmStatusWidgetSortBy,
  CompositeAlarm,
  Dashboard,
  type GraphWidgetProps,
  type IAlarm,
  type IWidget,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Stack, StackContext } from "sst/constructs";
import { costWidgets } from "./watch/graphs/cost.ts";
import { apiGraphs, functionGraphs, gatewayGraphs } from "./watch/graphs/functions.ts";
import { importGraphs } from "./watch/graphs/imports.ts";
import { objectiveGraphs } from "./watch/graphs/objectives.ts";
import { hopGraphs, ordersGraphs, outcomeGraphs } from "./watch/graphs/orders.ts";
import {
  brokerGraphs,
  certificateGraph,
  databaseGraphs,
  poolGraphs,
  serviceGraphs,
} from "./watch/graphs/services.ts";
import { webhookGraphs } from "./watch/graphs/webhooks.ts";
import { answers, COLUMNS, row } from "./watch/graphs/widgets.ts";

const DASHBOARDS = {
  /** The overview for the operator on call: the alarms, their effect on callers, the way of an order, then the parts that it depends on. */
  overview: (stack) => [
    [alarmStates(stack)],
    stageSettings(stack.stage).hasOwnMetrics ? objectiveGraphs(stack) : [],
    ...rows(stack, [
      ordersGraphs(),
      outcomeGraphs(stack),
      webhookGraphs(),
      apiGraphs(stack),
      functionGraphs(),
      [...serviceGraphs("inventory"), ...serviceGraphs("billing")],
      importGraphs(),
      databaseGraphs(),
      [...brokerGraphs(), certificateGraph()],
    ]),
    answers("failures-by-service"),
    answers("late-orders"),
    [hint()],
  ],
  gateway: (stack) => [
    ...rows(stack, [apiGraphs(stack), gatewayGraphs(stack), functionGraphs()]),
    ...(["requests-by-route", "slowest-requests", "cold-starts"] as const).map((name) => answers(name)),
  ],
  inventory: (stack) => [
    ...rows(stack, [
      serviceGraphs("inventory"),
      poolGraphs(stack, "inventory"),
      databaseGraphs("inventory"),
      importGraphs(),
    ]),
    answers("failures-by-service"),
  ],
  /** The orders: their way from the queue to the row. */
  billing: (stack) => [
    ...rows(stack, [
      ordersGraphs(),
      outcomeGraphs(stack),
      hopGraphs(stack),
      serviceGraphs("billing"),
      poolGraphs(stack, "billing"),
      databaseGraphs("billing"),
      brokerGraphs(),
    ]),
    ...(["orders-by-lane", "rejected-orders", "late-orders", "replays"] as const).map((name) =>
      answers(name),
    ),
  ],
  cost: costWidgets,
} satisfies Record<DashboardName, (stack: Stack) => IWidget[][]>;

/**
 * The dashboards, as many as the table of stages says. They come last, because they show resources of all other stacks. An account has three
 * dashboards for free; each further one costs $3 a month.
 */
export function Dashboards({ stack, app }: StackContext) {
  for (const name of stageSettings(app.stage).dashboards) {
    new Dashboard(stack, name, { dashboardName: nameOf(stack, name), widgets: DASHBOARDS[name](stack) });
  }
}

function rows(stack: Stack, graphs: readonly (readonly GraphWidgetProps[])[]): IWidget[][] {
  return graphs.map((some) => row(stack, some));
}

/** The alarms of all stacks that notify the operators. */
function alarmStates(stack: Stack): IWidget {
  const all = stack.node.root.node.findAll();
  const composite = all.filter((construct) => construct instanceof CompositeAlarm);
  const isPart = ({ node: { id } }: Alarm) => composite.some((whole) => id.startsWith(`${whole.node.id}-`));
  // Those of a scaling policy have another name: they change the number of tasks, and ask nothing of people.
  const isForPeople = ({ node: { id } }: Alarm) => id.startsWith("Alarm-");
  const single = all
    .filter((construct) => construct instanceof Alarm)
    .filter((alarm) => isForPeople(alarm) && !isPart(alarm));
  return new AlarmStatusWidget({
    title: "Alarms",
    alarms: [...composite, ...single].map(({ node }) => byName(stack, node.id)),
    sortBy: AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
    width: COLUMNS,
    height: 8, // twelve rows of four, beneath the title
  });
}

/** By name, not by reference: a stack that refers to another stack's alarm would prevent that stack from removing it. */
function byName(stack: Stack, id: string): IAlarm {
  const arn = stack.formatArn({
    service: "cloudwatch",
    resource: "alarm",
    resourceName: nameOf(stack, id.replace("Alarm-", "")),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return Alarm.fromAlarmArn(stack, `Shown-${id}`, arn);
}

function hint(): IWidget {
  const markdown =
    "One order by its id, and all that was logged under one trace id: the saved queries `one-order` and `one-trace` in CloudWatch Logs Insights, or `npm run ops -- trace`. What to do about each alarm: docs/runbook.md.";
  return new TextWidget({ markdown, width: COLUMNS, height: 2 });
}
