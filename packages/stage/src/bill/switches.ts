import { MONTH_OF } from "../prices.ts";
import { PRESET_TABLE, type Preset, type StageSettings, settingsOf } from "../settings.ts";
import { type BillLine, usdOf } from "./bill.ts";
import type { Part } from "./charge.ts";

export type Bills = Readonly<Record<Preset, readonly BillLine[]>>;

/** The saving of each preset by the cheaper value of one setting, the others unchanged. */
export interface Saving {
  setting: keyof StageSettings;
  /** The cheaper value, in words. */
  to: string;
  /** A month; 0 where the preset has that value already. */
  usd: Record<Preset, number>;
  /** The reason for the values of the presets. */
  why: string;
}

interface Priced {
  settings: StageSettings;
  usd: (...parts: Part[]) => number;
  /** The same parts in the cheapest preset. */
  least: (...parts: Part[]) => number;
}

const NAT: Part[] = ["NAT", "Public addresses"];
const SERVER: Part[] = ["PostgreSQL", "PostgreSQL's disk", "RDS Proxy", "Copies of backups"];

const SWITCHES: readonly [keyof StageSettings, to: string, saved: (priced: Priced) => number][] = [
  [
    "brokerMode",
    "a single node",
    ({ usd, settings }) => (settings.brokerMode === "CLUSTER_MULTI_AZ" ? (2 / 3) * usd("RabbitMQ") : 0),
  ],
  [
    "brokerInstance",
    "a container",
    ({ usd, least }) => usd("RabbitMQ") - least("RabbitMQ", "Files", "Names"),
  ],
  ["natGateways", "one", ({ usd, settings }) => usd(...NAT) * (1 - 1 / settings.natGateways)],
  [
    "nat",
    "an instance",
    ({ usd, least, settings }) => (settings.nat === "gateway" ? usd(...NAT) - least(...NAT) : 0),
  ],
  ["databaseServers", "one", ({ usd, settings }) => usd(...SERVER) * (1 - 1 / settings.databaseServers)],
  [
    "isDatabaseMultiAz",
    "off",
    ({ usd, settings }) => (settings.isDatabaseMultiAz ? usd("PostgreSQL", "PostgreSQL's disk") / 2 : 0),
  ],
  ["hasProxy", "off", ({ usd }) => usd("RDS Proxy")],
  [
    "isInventoryOnSpot",
    "on",
    ({ settings }) => (settings.isInventoryOnSpot ? 0 : onSpot(settings.inventoryTasks.min)),
  ],
  [
    "isBillingOnSpot",
    "on",
    ({ settings }) => (settings.isBillingOnSpot ? 0 : onSpot(settings.billingTasks.min)),
  ],
  ["hasContainerInsights", "off", ({ usd }) => usd("Container Insights")],
  ["hasOwnMetrics", "off", ({ usd }) => usd("Metrics of our own", "Alarms on alarms")],
  ["hasFirewall", "off", ({ usd }) => usd("Firewall")],
  ["dashboards", "three", ({ usd }) => usd("Dashboards")],
  ["copyDays", "0", ({ usd }) => usd("Copies of backups", "Copies of secrets")],
  ["hasOwnKeys", "off", ({ usd }) => usd("Keys")],
  ["flowLogTraffic", "refused traffic", ({ usd, least }) => usd("Logs") - least("Logs")],
  ["probeMinutes", "5", ({ usd, settings }) => usd("Status probe") * (1 - settings.probeMinutes / 5)],
];

/** The savings of each switch in each preset, as differences between lines of the bills. Each stands alone: they do not add up. */
export function savingsOf(bills: Bills): Saving[] {
  const least = (...parts: Part[]) => usdOf(bills.learner, ...parts);
  return SWITCHES.map(([setting, to, saved]) => {
    const usd = (preset: Preset) =>
      Math.max(
        0,
        saved({ settings: settingsOf(preset), usd: (...parts) => usdOf(bills[preset], ...parts), least }),
      );
    return {
      setting,
      to,
      usd: { learner: usd("learner"), standard: usd("standard"), hardened: usd("hardened") },
      why: PRESET_TABLE[setting].why,
    };
  });
}

function onSpot(tasks: number): number {
  return tasks * MONTH_OF.task * (1 - MONTH_OF.spotShare);
}
