import type { AcceptedOrder } from "@cloud-design/core/billing";

/** How far this process has come: when the newest order that it has recorded was accepted. */
export function createProgress() {
  let newestMs = 0;
  return {
    note(orders: readonly Pick<AcceptedOrder, "acceptedAt">[]): void {
      for (const { acceptedAt } of orders) {
        // Nothing was accepted after now, whatever a foreign client writes.
        if (acceptedAt) newestMs = Math.max(newestMs, Math.min(Date.parse(acceptedAt), Date.now()));
      }
    },
    /** Undefined before the first order that says when it was accepted. */
    recordedUpTo: () => (newestMs === 0 ? undefined : new Date(newestMs)),
  };
}
