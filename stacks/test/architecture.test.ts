import { readFileSync } from "node:fs";
import { expect, inject, test } from "vitest";
import { type App, readApp } from "../testing/app.ts";
import { groupEdges } from "../testing/checks/security-groups.ts";
import { referencesIn } from "../testing/references.ts";

/** The boxes that are a group in the network: what leads from one to the other is a rule. */
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
  statusProbe: "probe",
  deadLetters: "bench",
  broker: "queue",
};

/** The other boxes, and the resources that each is: what leads there is a reference of one to the other. */
const RESOURCES: Record<string, RegExp> = {
  cdn: /^Site\/Distribution$/,
  pages: /^Site\/Pages$/,
  api: /^(Api\/HttpApi|Gateway\/(Tokens|Stage|(GET|HEAD|POST|PUT|DELETE|ANY) .*))$/,
  identity: /^Identity\/UserPool(\/.*)?$/,
  gateway: /^Gateway\/(Gateway|Live)$/,
  journal: /^Gateway\/GatewayLogs$/,
  orders: /^Orders\/Queue$/,
  deadOrders: /^Orders\/DeadLetters$/,
  bridge: /^Orders\/OrderBridge$/,
  probe: /^Status\/StatusProbe$/,
  bench: /^DeadLetters\/DeadLetters$/,
  inventory: /^Inventory\/(Task|Service\/Service)$/,
  billing: /^Billing\/(Task|Service\/Service)$/,
};

/** What a template knows and no arrow shows. */
const NOT_DRAWN: Record<string, string> = {
  "migrate -> movies": "runs during a deployment alone",
  "migrate -> ordersDb": "runs during a deployment alone",
  "gateway -> cdn": "only names the site in its problems",
  "inventory -> cdn": "only names the site in its problems",
  "billing -> cdn": "only names the site in its problems",
  "inventory -> identity": "fetches the keys of tokens once; said below the diagram",
  "billing -> identity": "fetches the keys of tokens once; said below the diagram",
  "bridge -> orders": "asks SQS to hand a message out again sooner",
  "identity -> cdn": "sends a browser back to the site",
};

/** The same, where a stage lets developers in. */
const TUNNEL = "said below the diagram: it is there while a developer has one open";
const NOT_DRAWN_OUTSIDE_PROD: Record<string, string> = {
  "tunnel -> alb": TUNNEL,
  "tunnel -> moviesProxy": TUNNEL,
  "tunnel -> ordersProxy": TUNNEL,
  "tunnel -> queue": TUNNEL,
};

/** What an arrow shows and no template knows. */
const NOT_IN_TEMPLATES: Record<string, string> = {
  "client -> cdn": "whoever calls from outside",
  "client -> identity": "whoever calls from outside",
  "operator -> bench": "whoever may invoke it by IAM",
  "bench -> deadLetters": "the same broker; the rule is bench -> queue",
  "queue -> deadLetters": "the queues are declared by those who use them: packages/core/src/billing/queue.ts",
  "billing -> deadLetters": "the same; the rule for billing and the broker is queue -> billing",
};

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
    // A consumer opens the connection, and the messages come to it.
    return from === "billing" && to === "queue" ? "queue -> billing" : `${from} -> ${to}`;
  });
  const boxOf = (name: string) => Object.keys(RESOURCES).find((box) => RESOURCES[box]?.test(name));
  const references = app.resources.flatMap(({ name, type, properties }) => {
    const boxes = referencesIn(properties).flatMap((reference) => boxOf(reference) ?? []);
    // It stands between a queue and its function.
    if (type === "AWS::Lambda::EventSourceMapping")
      return boxes.includes("bridge") ? ["orders -> bridge"] : [];
    if (type === "AWS::ApiGatewayV2::Integration") return boxes.includes("gateway") ? ["api -> gateway"] : [];
    const from = boxOf(name);
    return from === undefined ? [] : boxes.filter((to) => to !== from).map((to) => `${from} -> ${to}`);
  });
  return [...new Set([...connections, ...references])];
}

test.each(["prod", "dev"] as const)(
  "the diagram of the architecture shows what the templates of %s make",
  (stage) => {
    const found = built(readApp(stage, inject("outputs")[stage]));
    const notDrawn = { ...NOT_DRAWN, ...(stage !== "prod" && NOT_DRAWN_OUTSIDE_PROD) };
    const explained = [...Object.keys(NOT_IN_TEMPLATES), ...found.filter((arrow) => !(arrow in notDrawn))];
    expect(drawn().sort()).toEqual(explained.sort());
    // An explanation that explains nothing is out of date.
    expect(Object.keys(notDrawn).filter((arrow) => !found.includes(arrow))).toEqual([]);
  },
);
