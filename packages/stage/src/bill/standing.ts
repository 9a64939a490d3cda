import { MONTH_OF, PROXY_CPUS } from "../prices.ts";
import { type Preset, settingsOf } from "../settings.ts";
import type { BillLine } from "./bill.ts";
import { PARTS, RDS } from "./charge.ts";
import { IDLE } from "./idle.ts";

/** The bill of a stage for a month without requests: that of its preset, with the proxy that `--with proxy` adds to it. */
export function standingBill(preset: Preset, hasProxy: boolean): readonly BillLine[] {
  const lines = IDLE[preset];
  if (!hasProxy || settingsOf(preset).hasProxy) return lines;
  const proxy: BillLine = {
    part: "RDS Proxy",
    count: 1,
    unit: `proxy of ${PROXY_CPUS} vCPU`,
    usdMonthly: MONTH_OF.proxy,
    service: RDS,
  };
  const place = (line: BillLine) => PARTS.indexOf(line.part);
  return [...lines, proxy].sort((one, other) => place(one) - place(other));
}
