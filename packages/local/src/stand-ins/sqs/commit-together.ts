import type { DatabaseSync } from "node:sqlite";
import type { FauxqsApp } from "../fauxqs.ts";

/**
 * Makes one transaction of all changes by the requests of one turn of the event loop, and answers them once it is on
 * disk. fauxqs by itself waits for the disk at each change, three times for an order.
 */
export function commitTogether(app: FauxqsApp, database: DatabaseSync): void {
  let committed: Promise<void> | undefined;
  app.addHook("preHandler", async () => {
    if (committed) return;
    database.exec("BEGIN");
    committed = new Promise((resolve) => {
      setImmediate(() => {
        committed = undefined;
        // A failure ends the process, whose memory then has changes that the disk has not; the supervisor starts it again.
        if (database.isOpen) database.exec("COMMIT");
        resolve();
      });
    });
  });
  app.addHook("onSend", async () => {
    await committed;
  });
}
