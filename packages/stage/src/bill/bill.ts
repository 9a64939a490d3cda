import { type Charge, PARTS, type Part } from "./charge.ts";
import { isFree } from "./free.ts";
import { PRICED } from "./priced.ts";
import { unpriced } from "./properties.ts";
import type { Resource } from "./templates.ts";

/** One line of a stage's bill: `count` times `unit`. */
export interface BillLine {
  part: Part;
  count: number;
  unit: string;
  /** Rounded to a millionth, so that equal bills are equal. */
  usdMonthly: number;
  /** The name under which Cost Explorer counts it. */
  service: string;
}

/** A line with `Stack/LogicalId` of each resource that it counts. */
export type TracedLine = BillLine & { resources: string[] };

/**
 * The price of a stage for a month without requests, computed from the resources of its templates. Lines stand in the order of `PARTS`; one part
 * has several lines if it has several units. Throws at a type or a property that has no price.
 */
export function billOf(resources: readonly Resource[]): TracedLine[] {
  const lines = new Map<string, Charge & { resources: string[] }>();
  for (const resource of resources) {
    for (const charge of chargesOf(resource, resources)) {
      const name = `${charge.part}, ${charge.unit}`;
      const line = lines.get(name) ?? { ...charge, count: 0, resources: [] };
      line.count += charge.count;
      line.resources.push(`${resource.stack}/${resource.id}`);
      lines.set(name, line);
    }
  }
  return [...lines.values()]
    .sort((one, other) => PARTS.indexOf(one.part) - PARTS.indexOf(other.part))
    .map(({ usdEach, ...line }) => ({
      ...line,
      count: rounded(line.count),
      usdMonthly: rounded(line.count * usdEach),
    }));
}

/** The USD of these parts in a bill. */
export function usdOf(lines: readonly BillLine[], ...parts: Part[]): number {
  return lines
    .filter(({ part }) => parts.includes(part))
    .reduce((sum, { usdMonthly }) => sum + usdMonthly, 0);
}

function chargesOf(resource: Resource, all: readonly Resource[]): Charge[] {
  const rule = PRICED[resource.type];
  if (rule !== undefined) return rule(resource, all);
  if (isFree(resource.type)) return [];
  throw unpriced(resource);
}

function rounded(value: number): number {
  return Number(value.toFixed(6));
}
