import { budgetUsd } from "@cloud-design/stage/bill/budget";
import { commitmentsFor } from "@cloud-design/stage/bill/commitments";
import { type Bills, savingsOf } from "@cloud-design/stage/bill/switches";
import { PRICED_REGION, type PriceLine, totalOf } from "@cloud-design/stage/prices";
import { type Preset, settingsOf } from "@cloud-design/stage/settings";
import { SECONDS_A_MONTH, type Use, usedMonth } from "@cloud-design/stage/usage";

/** The lines of each preset's bill, and of requests where some are given. */
export type Months = ReadonlyMap<Preset, readonly PriceLine[]>;

/** The loads of docs/cost.md, in requests a second, of which one in so many is an order. */
const LOADS = [1, 10, 100, 1_000];
const REQUESTS_AN_ORDER = 5;
const TOP = 5;

export function monthsOf(bills: Bills, presets: readonly Preset[], use?: Use): Months {
  return new Map(
    presets.map((preset) => {
      const requests = use === undefined ? [] : usedMonth(use, settingsOf(preset));
      return [preset, [...bills[preset], ...requests]];
    }),
  );
}

/** Header, a row for each part, sums: as cells, so that the terminal and docs/cost.md show the same. */
export function billRows(bills: Bills, presets: readonly Preset[], use?: Use): string[][] {
  const months = monthsOf(bills, presets, use);
  const columns = [...months.values()];
  return [
    ["part", ...presets.flatMap((preset) => [preset, "USD"])],
    ...partsOf(columns).flatMap((part) => {
      const lines = columns.map((column) => column.filter((line) => line.part === part));
      const height = Math.max(...lines.map(({ length }) => length));
      return Array.from({ length: height }, (_, row) => [
        row === 0 ? part : "",
        ...lines.flatMap((own) => cellsOf(own[row], row)),
      ]);
    }),
    ["total", ...columns.flatMap((lines) => ["", totalOf(lines).toFixed(2)])],
    ["budget", ...presets.flatMap((preset) => ["", budgetUsd(bills[preset], PRICED_REGION).toFixed(2)])],
    ["1,000 orders more", ...presets.flatMap((preset) => ["", thousandOrders(preset).toFixed(2)])],
  ];
}

/** All parts in the order of their lines: a part that only one preset has stands where it stands there. */
function partsOf(columns: readonly (readonly PriceLine[])[]): string[] {
  const longest = columns.toSorted((one, other) => other.length - one.length);
  const parts: string[] = [];
  for (const lines of longest) {
    for (const [at, { part }] of lines.entries()) {
      if (parts.includes(part)) continue;
      parts.splice(parts.indexOf(lines[at - 1]?.part ?? "") + 1, 0, part);
    }
  }
  return parts;
}

function cellsOf(line: PriceLine | undefined, row: number): [what: string, usd: string] {
  if (line === undefined || line.count === 0) return row === 0 ? ["-", "-"] : ["", ""];
  return [`${quantity(line.count)} x ${line.unit}`, line.usdMonthly.toFixed(2)];
}

/** The price of a thousand orders in USD, without a share of the month. */
function thousandOrders(preset: Preset): number {
  return totalOf(usedMonth({ reads: 0, orders: 1_000 }, settingsOf(preset)));
}

/** The largest lines, as words. */
export function largest(lines: readonly PriceLine[], count = TOP): string {
  return lines
    .toSorted((one, other) => other.usdMonthly - one.usdMonthly)
    .slice(0, count)
    .map(({ part, usdMonthly }) => `${part} ${whole(usdMonthly)}`)
    .join(", ");
}

/** Header, and the saving of each switch in each preset; the last cell is the reason for the dearer value. */
export function switchRows(bills: Bills, presets: readonly Preset[]): string[][] {
  const savings = savingsOf(bills).filter(({ usd }) => presets.some((preset) => usd[preset] >= 0.01));
  return [
    ["setting", "to", ...presets, "the setting is there because"],
    ...savings.map(({ setting, to, usd, why }) => [
      setting,
      to,
      ...presets.map((preset) => (usd[preset] < 0.01 ? "-" : usd[preset].toFixed(2))),
      why,
    ]),
  ];
}

/** Header, and the commitments of a year for each preset. */
export function commitmentRows(bills: Bills, presets: readonly Preset[]): string[][] {
  return [
    ["a year, paid at once", "preset", "on demand a month", "at once", "saves a month", "pays after"],
    ...presets.flatMap((preset) =>
      commitmentsFor(bills[preset]).map((offer) => [
        offer.name,
        preset,
        offer.usdMonthly.toFixed(2),
        offer.usdOnce.toFixed(0),
        offer.usdSavedMonthly.toFixed(2),
        `${Math.ceil(offer.paysAfterMonths)} months`,
      ]),
    ),
  ];
}

/** Header and a row for each load of docs/cost.md, in a `hardened` stage. */
export function loadRows(bills: Bills): string[][] {
  const idle = totalOf(bills.hardened);
  return [
    ["requests a second", "USD a month", "for requests alone", "USD for a million requests", "largest lines"],
    ...LOADS.map((perSecond) => {
      const calls = perSecond * SECONDS_A_MONTH;
      const orders = calls / REQUESTS_AN_ORDER;
      const lines = usedMonth({ reads: calls - orders, orders }, settingsOf("hardened"));
      const usd = totalOf(lines);
      return [
        ...[whole(perSecond), whole(idle + usd), whole(usd), ((1_000_000 * usd) / calls).toFixed(2)],
        largest(lines, 3),
      ];
    }),
  ];
}

/** Counts are whole; what is measured in millions or GB has three figures. */
function quantity(count: number): string {
  return Number.isInteger(count)
    ? String(count)
    : count.toLocaleString("en", { maximumSignificantDigits: 3 });
}

export function whole(count: number): string {
  return count.toLocaleString("en", { maximumFractionDigits: 0 });
}
