import { CONNECTIONS_MAX, PROBE_CONNECTIONS } from "@cloud-design/core/database";
import { SILENT_SECONDS } from "@cloud-design/functions/gateway/forward";
import {
  A_READ,
  BROKER_ORDERS_A_SECOND,
  CPU_MS,
  DATABASE_CPU_MS,
  FUNCTION_MS,
  LEDGER_ORDERS_A_SECOND,
  ORDER_PAGES,
  ORDER_ROW_BYTES,
  READ_CPU_MS,
  READ_DATABASE_CPU_MS,
  STATEMENT_MS,
} from "@cloud-design/stage/measured";
import { QUOTAS } from "./aws.ts";
import type { Figures } from "./figures.ts";

const DAY_SECONDS = 86_400;
const YEAR_DAYS = 365;

/** Requests a second. Lists, searches and writes of movies come with the reads, as in the load test. */
export interface Load {
  reads: number;
  orders: number;
}

/** How much of each unit one read and one order bring. */
const UNITS = {
  requests: { reads: 1, orders: 1 },
  reads: { reads: 1, orders: 0 },
  "movies by id": { reads: A_READ.movie, orders: 0 },
  "lists and searches": { reads: A_READ.list + A_READ.search, orders: 0 },
  /** Without `limit`: 1,000 movies. */
  "default lists": { reads: A_READ.list, orders: 0 },
  writes: { reads: A_READ.write, orders: 0 },
  orders: { reads: 0, orders: 1 },
} as const satisfies Record<string, Load>;

export interface Hop {
  name: string;
  /** The ceiling in units a second. */
  ceiling: number;
  unit: keyof typeof UNITS;
  /** How the ceiling is counted. */
  because: string;
  /** Whether it is a setting that protects the hops behind it. */
  isThrottle?: boolean;
  /**
   * The meaning of a load for a hop that does not break in normal operation: one that holds for each caller, or while a part is frozen, or that
   * fills with time.
   */
  aside?: (load: Load) => string;
}

/** The share of a hop that a load uses; over 1 the hop breaks. */
export function shareOf({ ceiling, unit }: Hop, { reads, orders }: Load): number {
  return (UNITS[unit].reads * reads + UNITS[unit].orders * orders) / ceiling;
}

/** The hops of the platform in the order in which they break when a load of this mix grows. */
export function inOrderOfBreaking(hops: readonly Hop[], load: Load): Hop[] {
  return hops
    .filter(({ aside }) => aside === undefined)
    .toSorted((one, other) => shareOf(other, load) - shareOf(one, load));
}

/** Every hop of a stage in the order in which a request, and then an order, travels. */
export function hopsOf(figures: Figures): Hop[] {
  return [...edge(figures), ...functions(figures), ...inventory(figures), ...orders(figures)];
}

function edge({ perAddress, throttle }: Figures): Hop[] {
  const { Limit = 0, EvaluationWindowSec = 1 } = perAddress ?? {};
  const perSecond = Limit / EvaluationWindowSec;
  const route = (key: string, unit: Hop["unit"]): Hop => ({
    name: key,
    ceiling: throttle(key),
    unit,
    because: "throttle of the route",
    isThrottle: true,
  });
  return [
    {
      name: "Firewall, each address",
      ceiling: perSecond,
      unit: "requests",
      because: `${whole(Limit)} in ${EvaluationWindowSec} s`,
      aside: (load) => `${whole(Math.ceil((load.reads + load.orders) / perSecond))} addresses`,
    },
    {
      name: "CloudFront",
      ceiling: QUOTAS.edgePerSecond,
      unit: "requests",
      because: "quota of a distribution",
    },
    { name: "API Gateway", ceiling: QUOTAS.apiPerSecond, unit: "requests", because: "quota of an account" },
    route("GET /api/movies", "lists and searches"),
    route("GET /api/movies/{id}", "movies by id"),
    route("POST /api/movies", "writes"),
    route("POST /api/billing", "orders"),
  ];
}

function functions({ reserved }: Figures): Hop[] {
  const seconds = FUNCTION_MS.gateway / 1_000;
  const atOnce = (name: string, unit: Hop["unit"], most: number = QUOTAS.functionsAtOnce): Hop => ({
    name: `Lambda: ${name}`,
    ceiling: most / seconds,
    unit,
    because: `${whole(most)} at once, ${FUNCTION_MS.gateway.toFixed(0)} ms each`,
  });
  const { gateway, orderGateway } = reserved;
  return [
    // Each has its own share, or both share the account's with all others.
    atOnce("both gateways", "requests", gateway && orderGateway && gateway + orderGateway),
    atOnce("gateway", "reads", reserved.gateway),
    whileFrozen(reserved),
    atOnce("order gateway", "orders", reserved.orderGateway),
  ];
}

/** Every read waits for two silent calls. Orders pass where their function has its own share. */
function whileFrozen({ gateway = QUOTAS.functionsAtOnce, orderGateway }: Figures["reserved"]): Hop {
  const ceiling = gateway / SILENT_SECONDS;
  return {
    name: "Lambda: gateway, inventory frozen",
    ceiling,
    unit: "reads",
    because: `${whole(gateway)} at once, ${SILENT_SECONDS} s each`,
    aside({ reads }) {
      if (reads <= ceiling) return "reads wait, orders pass";
      return orderGateway === undefined ? "full, orders fail too" : "full, orders pass";
    },
  };
}

function inventory({ inventory: { max, msPerSecond }, databases, isShared }: Figures): Hop[] {
  const tasks = (unit: Hop["unit"], ms: number): Hop => ({
    name: `Inventory: ${unit}`,
    ceiling: (max * msPerSecond) / ms,
    unit,
    because: `${max} tasks, ${ms.toFixed(2)} ms of CPU`,
  });
  const database = (unit: Hop["unit"], ms: number) =>
    cpuOf("Movies database", databases.inventory, isShared, unit, ms);
  return [
    tasks("reads", READ_CPU_MS + A_READ.write * CPU_MS.write),
    tasks("default lists", CPU_MS.list),
    connectionsOf("Inventory", max, "reads"),
    database("reads", READ_DATABASE_CPU_MS),
    database("default lists", DATABASE_CPU_MS.list),
  ];
}

function orders({ bridge, billing: { max, msPerSecond }, databases, isShared }: Figures): Hop[] {
  const bridgeSeconds = FUNCTION_MS.bridge / 1_000;
  const { iops, gigabytes } = databases.billing;
  const perGb = 1_000_000_000 / ORDER_ROW_BYTES;
  const days = (rate: number) => (gigabytes * perGb) / rate / DAY_SECONDS;
  const orderHop = (name: string, ceiling: number, because: string): Hop => ({
    name,
    ceiling,
    unit: "orders",
    because,
  });
  return [
    orderHop(
      "SQS",
      QUOTAS.messagesInFlight / bridgeSeconds,
      `${whole(QUOTAS.messagesInFlight)} messages in flight`,
    ),
    orderHop(
      "Lambda: order-bridge",
      (bridge.atOnce * bridge.batch) / bridgeSeconds,
      `${bridge.atOnce} batches of ${bridge.batch}, ${FUNCTION_MS.bridge.toFixed(0)} ms each`,
    ),
    orderHop("RabbitMQ", BROKER_ORDERS_A_SECOND, "measured, one node"),
    orderHop("Billing", (max * msPerSecond) / CPU_MS.order, `${max} tasks, ${CPU_MS.order} ms of CPU`),
    connectionsOf("Billing", max, "orders"),
    cpuOf("Orders database", databases.billing, isShared, "orders", DATABASE_CPU_MS.order),
    orderHop(
      "Orders database: I/O",
      iops / ORDER_PAGES,
      `${whole(iops)} a second, ${ORDER_PAGES} for an order`,
    ),
    orderHop("Ledger", LEDGER_ORDERS_A_SECOND, "measured, a run each minute"),
    {
      ...orderHop(
        "Orders database: disk",
        days(1) / YEAR_DAYS,
        `${gigabytes} GB, ${ORDER_ROW_BYTES} bytes an order, for a year`,
      ),
      aside: ({ orders: rate }) => `full after ${whole(days(rate))} days`,
    },
  ];
}

function cpuOf(
  name: string,
  { cores, includedShare }: Figures["databases"]["billing"],
  isShared: boolean,
  unit: Hop["unit"],
  ms: number,
): Hop {
  const included = includedShare < 1 ? ` (${cores * includedShare} included)` : "";
  return {
    name: `${name}: ${unit === "orders" ? "CPU" : unit}`,
    ceiling: (cores * 1_000) / ms,
    unit,
    because: `${cores} cores${included}${isShared ? ", shared" : ""}, ${ms.toFixed(2)} ms`,
  };
}

function connectionsOf(name: string, tasks: number, unit: Hop["unit"]): Hop {
  const connections = tasks * (CONNECTIONS_MAX - PROBE_CONNECTIONS);
  return {
    name: `${name}: connections`,
    ceiling: (1_000 * connections) / STATEMENT_MS,
    unit,
    because: `${connections} connections, ${STATEMENT_MS} ms each`,
  };
}

function whole(count: number): string {
  return count.toLocaleString("en", { maximumFractionDigits: 0 });
}
