import { readFileSync } from "node:fs";
import { settingsOf } from "@cloud-design/stage/settings";
import { expect, inject, test } from "vitest";
import { type App, presetOfStage, readApp } from "../testing/app.ts";
import { groupEdges } from "../testing/checks/security-groups.ts";
import { referencesIn } from "../testing/references.ts";
import { STAGES } from "../testing/setup.ts";

/** The boxes that are security groups: an arrow between two of them is a rule. */
const GROUPS: Record<string, string> = {
  gateway: "gateway",
  loadBalancer: "alb",
  inventory: "inventory",
  billing: "billing",
  inventoryProxy: "moviesProxy",
  billingProxy: "ordersProxy",
  inventoryDatabase: "movies",
  billingDatabase: "ordersDb",
  orderBridge: "bridge",
  importLoader: "loader",
  statusProbe: "probe",
  deadLetters: "operatorFunction",
  broker: "queue",
};

/** The other boxes, and the resources of each: an arrow to one of them is a reference. */
const RESOURCES: Record<string, RegExp> = {
  cdn: /^Site\/Distribution$/,
  pages: /^Site\/Pages$/,
  api: /^(Api\/HttpApi|Gateway\/(Tokens|Stage|(GET|HEAD|POST|PUT|DELETE|ANY) .*))$/,
  identity: /^Identity\/UserPool(\/.*)?$/,
  gateway: /^Gateway\/(Gateway|Live)$/,
  orderGateway: /^Gateway\/Order(Gateway|Live)$/,
  journal: /^Gateway\/OrderGatewayLogs$/,
  orders: /^Orders\/(Queue|Priority)$/,
  deadOrders: /^Orders\/DeadLetters$/,
  bridge: /^Orders\/OrderBridge$/,
  probe: /^Status\/StatusProbe$/,
  deliveries: /^Webhooks\/Deliveries$/,
  retries: /^Webhooks\/Retries$/,
  deadDeliveries: /^Webhooks\/DeadLetters$/,
  webhookDelivery: /^Webhooks\/WebhookDelivery$/,
  operatorFunction: /^DeadLetters\/DeadLetters$/,
  importFiles: /^Imports\/Files$/,
  imports: /^Imports\/FilesQueue$/,
  deadFiles: /^Imports\/FilesDeadLetters$/,
  splitter: /^Imports\/ImportSplitter$/,
  chunks: /^Imports\/ChunksQueue$/,
  deadChunks: /^Imports\/ChunksDeadLetters$/,
  loader: /^Imports\/ImportLoader$/,
  inventory: /^Inventory\/(Task|Service\/Service)$/,
  billing: /^Billing\/(Task|Service\/Service)$/,
};

/** Connections in a template that the diagram leaves out, with the reason. */
const NOT_DRAWN: Record<string, string> = {
  "migrate -> movies": "runs during a deployment alone",
  "migrate -> ordersDb": "runs during a deployment alone",
  "personalData -> ordersDb": "in the text below the diagram: an operator calls it a few times a year",
  "gateway -> cdn": "only names the site in its problems",
  "orderGateway -> cdn": "only names the site in its problems",
  "gateway -> orders": "asks how many orders wait, for the status",
  "inventory -> cdn": "only names the site in its problems",
  "billing -> cdn": "only names the site in its problems",
  "inventory -> identity": "fetches the keys of tokens once; in the text below the diagram",
  "billing -> identity": "fetches the keys of tokens once; in the text below the diagram",
  "bridge -> orders": "asks SQS to hand a message out again sooner",
  "importFiles -> cdn": "allows the pages of the site, and no others, to upload",
  "loader -> chunks": "asks SQS to hand a chunk out again sooner",
  "splitter -> imports": "asks SQS to hand a file out again sooner",
  "identity -> cdn": "sends a browser back to the site",
};

/** The same, where a stage lets developers in. */
const TUNNEL = "in the text below the diagram: it exists while a developer has a tunnel open";
const NOT_DRAWN_WITH_TUNNEL: Record<string, string> = {
  "tunnel -> alb": TUNNEL,
  "tunnel -> moviesProxy": TUNNEL,
  "tunnel -> ordersProxy": TUNNEL,
  "tunnel -> queue": TUNNEL,
};

/** The same, where RabbitMQ is a container. */
const NOT_DRAWN_WITH_CONTAINER: Record<string, string> = {
  "queue -> brokerFiles":
    "in the text below the diagram: the disk of RabbitMQ, which Amazon MQ does not show",
};

/** Arrows of the diagram that are in no template, with the reason. */
const NOT_IN_TEMPLATES: Record<string, string> = {
  "webhookDelivery -> receiver": "the receiver is outside",
  "client -> cdn": "the caller is outside",
  "client -> identity": "the caller is outside",
  "client -> importFiles": "the caller is outside",
  "operator -> operatorFunction": "IAM allows the operator",
  "operatorFunction -> deadLetters": "the same broker; the rule is operatorFunction -> queue",
  "queue -> deadLetters": "the programs that use the queues declare them: packages/core/src/billing/queue.ts",
  "billing -> events": "the same broker; the rule for billing is queue -> billing",
  "billing -> deadLetters": "the same; the rule for billing and the broker is queue -> billing",
};

/** The queue of each function that has one. */
const SOURCES = [
  ["orders", "bridge"],
  ["deliveries", "webhookDelivery"],
  ["imports", "splitter"],
  ["chunks", "loader"],
] as const;

function drawn(): string[] {
  const page = readFileSync("docs/how/architecture.md", "utf8");
  const [, diagram = ""] = /```mermaid.*?\n(.*?)```/s.exec(page) ?? [];
  const arrow = /^\s*(\w+)\S*.*?(?:-->|-- .*? -->|-\. .*? \.->)\s*(\w+)/;
  return diagram.split("\n").flatMap((line) => {
    const [, from, to] = arrow.exec(line) ?? [];
    return from && to ? [`${from} -> ${to}`] : [];
  });
}

function built(app: App): string[] {
  const connections = groupEdges(app).map((edge) => {
    const [from = "", to = ""] = edge.split(" -> ").map((group) => GROUPS[group] ?? group);
    // A consumer opens the connection, and the broker sends the messages through it.
    if (from === "inventory" && to === "queue") return "events -> inventory";
    return from === "billing" && to === "queue" ? "queue -> billing" : `${from} -> ${to}`;
  });
  const boxOf = (name: string) => Object.keys(RESOURCES).find((box) => RESOURCES[box]?.test(name));
  const references = app.resources.flatMap(({ name, type, properties }) => {
    const boxes = referencesIn(properties).flatMap((reference) => boxOf(reference) ?? []);
    // The mapping stands between a queue and its function.
    if (type === "AWS::Lambda::EventSourceMapping") {
      const [queue, reader] = SOURCES.find(([, one]) => boxes.includes(one)) ?? [];
      return queue && reader ? [`${queue} -> ${reader}`] : [];
    }
    if (type === "AWS::ApiGatewayV2::Integration")
      return boxes.filter((box) => /gateway$/i.test(box)).map((to) => `api -> ${to}`);
    const from = boxOf(name);
    return from === undefined ? [] : boxes.filter((to) => to !== from).map((to) => `${from} -> ${to}`);
  });
  return [...new Set([...connections, ...references])];
}

/** The arrows of a stage whose services connect to the databases themselves. */
function withoutProxies(arrows: readonly string[]): string[] {
  return arrows
    .filter((arrow) => !/^(movies|orders)Proxy -> /.test(arrow))
    .map((arrow) => arrow.replace(/ moviesProxy$/, " movies").replace(/ ordersProxy$/, " ordersDb"));
}

test.each(STAGES)("the diagram of the architecture shows what the templates of %s make", (stage) => {
  const { brokerInstance, hasProxy, tunnelHours } = settingsOf(presetOfStage(stage));
  const ofStage = (arrows: readonly string[]) => (hasProxy ? [...arrows] : withoutProxies(arrows));
  const found = built(readApp(stage, inject("outputs")[stage]));
  const notDrawn = ofStage(
    Object.keys({
      ...NOT_DRAWN,
      ...(tunnelHours > 0 && NOT_DRAWN_WITH_TUNNEL),
      ...(brokerInstance === "container" && NOT_DRAWN_WITH_CONTAINER),
    }),
  );
  const explained = [...Object.keys(NOT_IN_TEMPLATES), ...found.filter((arrow) => !notDrawn.includes(arrow))];
  expect(ofStage(drawn()).sort()).toEqual(explained.sort());
  // An explanation of a missing connection is out of date.
  expect(notDrawn.filter((arrow) => !found.includes(arrow))).toEqual([]);
});
