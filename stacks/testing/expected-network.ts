import type { Preset } from "@cloud-design/stage/settings";

/** The addresses of the network itself. */
export const NETWORK = "10.0.0.0/16";

const EDGES_EVERYWHERE = [
  "gateway -> loadBalancer :8080",
  "gateway -> loadBalancer :8081",
  "loadBalancer -> inventory :8080",
  "loadBalancer -> billing :8080",
  "migrate -> inventoryDatabase :5432",
  "migrate -> billingDatabase :5432",
  "personalData -> billingDatabase :5432",
  "orderBridge -> broker :5671",
  "billing -> broker :5671",
  "inventory -> broker :5671",
  "statusProbe -> loadBalancer :8080",
  "statusProbe -> loadBalancer :8081",
  "statusProbe -> broker :5671",
  "deadLetters -> broker :5671",
  // AWS's own endpoints, whose addresses change.
  "gateway -> 0.0.0.0/0 :443",
  "orderBridge -> 0.0.0.0/0 :443",
  "migrate -> 0.0.0.0/0 :443",
  "statusProbe -> 0.0.0.0/0 :443",
  "deadLetters -> 0.0.0.0/0 :443",
  "personalData -> 0.0.0.0/0 :443",
  "importLoader -> 0.0.0.0/0 :443",
  "inventory -> 0.0.0.0/0 :443",
  "billing -> 0.0.0.0/0 :443",
];

const THROUGH_PROXIES = [
  "inventory -> inventoryProxy :5432",
  "billing -> billingProxy :5432",
  "importLoader -> inventoryProxy :5432",
  "inventoryProxy -> inventoryDatabase :5432",
  "billingProxy -> billingDatabase :5432",
];

/** A developer's tunnel: the endpoints that the services use, and no server behind them. */
const tunnelTo = (...databases: string[]) => [
  "tunnel -> loadBalancer :8080",
  "tunnel -> loadBalancer :8081",
  ...databases.map((name) => `tunnel -> ${name} :5432`),
  "tunnel -> broker :5671",
  "tunnel -> 0.0.0.0/0 :443",
];

/** All allowed connections, with their ports. The `gateway` is a Lambda function, so no packet from outside can reach it. */
export const EDGES: Record<Preset, readonly string[]> = {
  hardened: [...EDGES_EVERYWHERE, ...THROUGH_PROXIES],
  standard: [...EDGES_EVERYWHERE, ...THROUGH_PROXIES, ...tunnelTo("inventoryProxy", "billingProxy")],
  learner: [
    ...EDGES_EVERYWHERE,
    "inventory -> inventoryDatabase :5432",
    "billing -> billingDatabase :5432",
    "importLoader -> inventoryDatabase :5432",
    ...tunnelTo("inventoryDatabase", "billingDatabase"),
    // A broker in a container needs its files, and AWS for its image, secrets and log.
    "broker -> brokerFiles :2049",
    "broker -> 0.0.0.0/0 :443",
    // The calls above that leave the network.
    `${NETWORK} -> nat :443`,
    "nat -> 0.0.0.0/0 :443",
  ],
};

const EVERYWHERE = [
  "Gateway/Gateway carries gateway",
  "Orders/OrderBridge carries orderBridge",
  "Databases/Migrate carries migrate",
  "Databases/PersonalData carries personalData",
  "Status/StatusProbe carries statusProbe",
  "DeadLetters/DeadLetters carries deadLetters",
  "Imports/ImportLoader carries importLoader",
  "Cluster/LoadBalancer carries loadBalancer",
  "Inventory/Service/Service carries inventory",
  "Billing/Service/Service carries billing",
];

const AMAZON_MQ = "Broker/Broker carries broker";

const SHARED_SERVER = [
  "Databases/inventory-billing-instance carries inventoryDatabase",
  "Databases/inventory-billing-instance carries billingDatabase",
  "Tunnel/Task carries tunnel",
];

/** The resources that carry each group. */
export const CARRIERS: Record<Preset, readonly string[]> = {
  hardened: [
    ...EVERYWHERE,
    AMAZON_MQ,
    "Databases/inventory-proxy carries inventoryProxy",
    "Databases/billing-proxy carries billingProxy",
    "Databases/inventory-instance carries inventoryDatabase",
    "Databases/billing-instance carries billingDatabase",
  ],
  // One server and one proxy for both.
  standard: [
    ...EVERYWHERE,
    AMAZON_MQ,
    ...SHARED_SERVER,
    "Databases/inventory-billing-proxy carries inventoryProxy",
    "Databases/inventory-billing-proxy carries billingProxy",
  ],
  learner: [
    ...EVERYWHERE,
    ...SHARED_SERVER,
    "Broker/Service/Service carries broker",
    "Broker/Files/EfsMountTarget1 carries brokerFiles",
    "Broker/Files/EfsMountTarget2 carries brokerFiles",
    "Network/Vpc/publicSubnet1/NatInstance carries nat",
  ],
};
