import { nothingIsRecorded } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import type { Trouble } from "../tcp-proxy.ts";

/** Lets the network before a server suffer for so many seconds, in which no order can be recorded. */
export function suffering(
  server: "broker" | "ordersDatabase",
  trouble: Trouble,
  seconds: number,
): Fault["inject"] {
  return async (lab, load) => {
    const { proxy } = lab[server];
    await proxy.suffer(trouble);
    try {
      await nothingIsRecorded(lab.sql, load, seconds);
    } finally {
      await proxy.suffer({ kind: "none" });
    }
  };
}
