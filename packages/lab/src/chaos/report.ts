import { cpus, totalmem, type } from "node:os";
import type { Verdict } from "./books.ts";
import type { Fault } from "./fault.ts";
import type { Result } from "./run-fault.ts";

export const COLUMNS = [
  ...["fault", "orders", "acknowledged", "recorded", "rejected"],
  ...["lost", "doubled", "invented", "recovered", "recovery", "slowest", "promises"],
];
/** The columns of COLUMNS that hold figures. */
export const FIGURES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** A row for COLUMNS. */
export function cellsOf(result: Result): string[] {
  const { verdict, broken, late } = result;
  const { lost, duplicated, unexpected, recovered } = verdict;
  return [
    ...[result.fault, ...[result.orders, result.acknowledged, result.recorded, result.rejected].map(String)],
    ...[lost, duplicated, unexpected, recovered].map((found) => String(found.length)),
    ...[`${result.recoverySeconds.toFixed(1)} s`, `${result.slowestSeconds.toFixed(1)} s`],
    broken.length > 0 ? "BROKEN" : late.length > 0 ? "LATE" : "held",
  ];
}

export function haveHeld({ broken, late }: Result): boolean {
  return broken.length + late.length === 0;
}

/** The text about one run for a person. */
export function describe(fault: Fault, result: Result): string {
  const { orders, acknowledged, indeterminate, recorded, rejected, reads, verdict } = result;
  const found = (Object.keys(verdict) as (keyof Verdict)[]).map((kind) => `${verdict[kind].length} ${kind}`);
  const rows = [
    ["orders", `${orders} sent, ${acknowledged} acknowledged, ${indeterminate} indeterminate`],
    ["books", [`${recorded} recorded`, `${rejected} rejected`, ...found].join(", ")],
    ["reads", `${reads.served} served, ${reads.failed} failed`],
    [
      "time",
      `${result.recoverySeconds.toFixed(1)} s until an order was recorded, ${result.restSeconds.toFixed(1)} s to rest, slowest answer ${result.slowestSeconds.toFixed(1)} s`,
    ],
    ...(result.measured ? [["measured", result.measured]] : []),
    ["promises", promisesOf(fault).join(" ")],
    ...(fault.outside ? [["outside", fault.outside]] : []),
    ...(haveHeld(result) ? [["verdict", "every promise held"]] : []),
    ...result.broken.map((sentence) => ["BROKEN", sentence]),
    ...result.late.map((sentence) => ["LATE", sentence]),
  ];
  return rows.map(([name = "", value = ""]) => `  ${name.padEnd(10)}${value}`).join("\n");
}

export function promisesOf({ promises, mayHang }: Fault): string[] {
  const always = ["R1", "R2", "R3", "R4", ...(mayHang ? [] : ["R6"]), "R9"];
  return [...always, ...promises].toSorted();
}

/** The machine on which it was measured. */
export function machine(): string {
  const cores = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cores.length} cores (${cores[0]?.model.trim()}), ${memory} GiB, ${type()}, Node ${process.versions.node}`;
}
