import type { BillLine } from "./bill.ts";

/** A year that is paid at once, at a lower price. */
interface Offer {
  name: string;
  covers: (line: BillLine) => boolean;
  /** The share of the price on demand that a year paid at once saves. */
  off: number;
}

/**
 * About, and not certain: AWS lists these shares by class and region in its price calculator, and changes them. Amazon MQ, NAT gateways, RDS Proxy
 * and balancers have no such offer; Spot is cheaper than any. Database Savings Plans cover only newer classes than db.t4g.
 */
const OFFERS: readonly Offer[] = [
  {
    name: "Reserved instances of RDS",
    covers: ({ part }) => part === "PostgreSQL",
    off: 0.33,
  },
  {
    name: "Compute Savings Plan for Fargate",
    covers: ({ service, part, unit }) =>
      service === "Amazon Elastic Container Service" && !`${part} ${unit}`.includes("Spot"),
    off: 0.27,
  },
];
const MONTHS = 12;

export interface Commitment {
  name: string;
  /** The price on demand that it covers. */
  usdMonthly: number;
  /** The payment at once, for a year. */
  usdOnce: number;
  usdSavedMonthly: number;
  /** After so many months on demand would have cost as much: a stage that lives shorter loses. */
  paysAfterMonths: number;
}

/** The commitments of a year that cover a part of this bill. */
export function commitmentsFor(lines: readonly BillLine[]): Commitment[] {
  return OFFERS.flatMap(({ name, covers, off }) => {
    const usdMonthly = lines.filter(covers).reduce((sum, line) => sum + line.usdMonthly, 0);
    if (usdMonthly === 0) return [];
    const usdOnce = MONTHS * usdMonthly * (1 - off);
    return [
      { name, usdMonthly, usdOnce, usdSavedMonthly: usdMonthly * off, paysAfterMonths: usdOnce / usdMonthly },
    ];
  });
}
