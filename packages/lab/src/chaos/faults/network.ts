import { nothingIsRecorded } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import type { Trouble } from "../tcp-proxy.ts";

/** Disturbs the network before a server for this many seconds, in which no order can be recorded. */
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
