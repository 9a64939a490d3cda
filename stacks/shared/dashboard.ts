import {
  Alarm,
  AlarmStatusWidget,
  AlarmStatusWidgetSortBy,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Stack } from "sst/constructs";
import { apiGraphs, brokerGraphs, databaseGraphs, ordersGraphs, serviceGraphs } from "./graphs.ts";
import { nameOf } from "./names.ts";

/** Of a dashboard's grid. */
const COLUMNS = 24;

/** One page for whoever is on call: what rings, then the way of an order, then what it leans on. */
export function createDashboard(stack: Stack): void {
  new Dashboard(stack, "Overview", {
    dashboardName: nameOf(stack, "overview"),
    widgets: [
      [alarmStates(stack)],
      ...[ordersGraphs(), apiGraphs(), serviceGraphs(), databaseGraphs(), brokerGraphs()].map(row),
    ],
  });
}

/** Those of the other stacks too: this one is built last. */
function alarmStates(stack: Stack): IWidget {
  return new AlarmStatusWidget({
    title: "Alarms",
    alarms: stack.node.root.node.findAll().filter((construct) => construct instanceof Alarm),
    sortBy: AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
    width: COLUMNS,
    height: 6, // eight rows of four, beneath the title
  });
}

/** Side by side over the whole width. */
function row(graphs: GraphWidgetProps[]): IWidget[] {
  return graphs.map((props) => new GraphWidget({ ...props, width: COLUMNS / graphs.length }));
}
