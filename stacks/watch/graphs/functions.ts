import { type GraphWidgetProps, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { type Stack, use } from "sst/constructs";
import { Api } from "../../api.ts";
import { Gateway } from "../../gateway.ts";
import { Identity } from "../../identity.ts";
import { Imports } from "../../imports.ts";
import { Orders } from "../../orders.ts";
import { Status } from "../../status.ts";
import { firewallBlocks, MINUTE } from "../metrics.ts";
import { graph, halfAndSlowest, loggedMetric, MAXIMUM, ownMetric, SUM } from "./widgets.ts";

/** The four golden signals of the API. */
export function apiGraphs(stack: Stack): GraphWidgetProps[] {
  const { httpApi } = use(Api);
  const { gateway, orderGateway } = use(Gateway);
  return [
    graph("API requests a minute", [
      httpApi.metricCount({ ...SUM, label: "all" }),
      httpApi.metricClientError({ ...SUM, label: "4xx" }),
      httpApi.metricServerError({ ...SUM, label: "5xx" }),
      loggedMetric(stack, "OrderErrors", "orders with a 5xx"),
    ]),
    graph(
      "Refusals a minute",
      [
        loggedMetric(stack, "RequestsThrottled", "429 of a route's throttle"),
        loggedMetric(stack, "OrdersThrottled", "orders among them"),
      ],
      [firewallBlocks(stack, MINUTE).with({ label: "blocked by the firewall" })],
    ),
    graph(
      "API latency, ms",
      halfAndSlowest((options) => httpApi.metricLatency({ period: MINUTE, ...options })),
      [
        gateway.metric("ConcurrentExecutions", { ...MAXIMUM, label: "gateways at once" }),
        orderGateway.metric("ConcurrentExecutions", { ...MAXIMUM, label: "order gateways at once" }),
      ],
    ),
  ];
}

/** The functions that have an alarm. */
export function functionGraphs(): GraphWidgetProps[] {
  const functions = {
    gateway: use(Gateway).gateway,
    "order-gateway": use(Gateway).orderGateway,
    "order-bridge": use(Orders).bridge,
    "token-scopes": use(Identity).tokenScopes,
    "status-probe": use(Status).probe,
    "import-splitter": use(Imports).splitter,
    "import-loader": use(Imports).loader,
  };
  const all = Object.entries(functions);
  return [
    graph(
      "Functions: errors a minute",
      all.map(([label, one]) => one.metricErrors({ ...SUM, label })),
    ),
    graph(
      "Functions: throttles a minute",
      all.map(([label, one]) => one.metricThrottles({ ...SUM, label })),
      [functions["status-probe"].metricInvocations({ ...SUM, label: "checks for the status page" })],
    ),
  ];
}

/** How the functions of the API spend their time. */
export function gatewayGraphs(stack: Stack): GraphWidgetProps[] {
  const { gateway, orderGateway } = use(Gateway);
  const { httpApi } = use(Api);
  return [
    graph(
      "Gateway: duration, ms",
      halfAndSlowest((options) => gateway.metricDuration({ period: MINUTE, ...options })),
      [gateway.metricInvocations({ ...SUM, label: "invocations" })],
    ),
    graph("Gateway: time that API Gateway waits for it, ms", [
      httpApi.metricIntegrationLatency({ period: MINUTE, statistic: Stats.p(99), label: "99 of 100" }),
    ]),
    graph(
      "Order gateway: duration, ms",
      halfAndSlowest((options) => orderGateway.metricDuration({ period: MINUTE, ...options })),
      [ownMetric(stack, "gateway", "orders.accepted", { label: "accepted" })],
    ),
  ];
}
