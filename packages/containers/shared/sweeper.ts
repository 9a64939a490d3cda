import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "@cloud-design/core/database";
import { lead, resign, type Sweeps, sweepAsLeader } from "@cloud-design/core/leader";
import type { Log } from "@cloud-design/core/log";

const SWEEP_MS = 60 * 60 * 1_000;
/** A successor begins a second after the end of a lease, while its database is idle. */
const ASK_MS = 1_000;
const RENEW_MS = 5_000;

interface SweeperOptions {
  database: Database;
  sweeps: Sweeps;
  log: Log;
}

/**
 * Sweeps as long as this process leads those of its service: each sweep step by step until nothing is left, at the
 * beginning and each hour. `close` ends it after the present step and gives up the lead.
 */
export function startSweeper({ database, sweeps, log }: SweeperOptions): { close(): Promise<void> } {
  const holder = `${hostname()} ${process.pid} ${randomUUID()}`;
  const closing = new AbortController();
  let epoch: number | undefined;
  let isFailing = false;

  async function askForLead(): Promise<number | undefined> {
    try {
      const answer = await database.run((db) => lead(db, holder));
      isFailing = false;
      return answer;
    } catch (err) {
      if (!isFailing) log.warn({ err }, "cannot ask who leads the sweep, and asks again each second");
      isFailing = true;
      return undefined;
    }
  }

  async function sweepAll(current: number): Promise<void> {
    for (const [name, sweep] of Object.entries(sweeps)) {
      const step = () => database.run((db) => sweepAsLeader(db, current, sweep));
      try {
        while (!closing.signal.aborted && (await step()) > 0);
      } catch (err) {
        log.warn({ err, sweep: name }, "old rows stay until the next sweep");
      }
    }
  }

  async function work(): Promise<void> {
    let swept = { epoch: 0, at: 0 };
    while (!closing.signal.aborted) {
      epoch = await askForLead();
      const isNew = epoch !== swept.epoch;
      if (epoch !== undefined && (isNew || performance.now() - swept.at >= SWEEP_MS)) {
        if (isNew) log.info({ epoch }, "leads the sweep");
        swept = { epoch, at: performance.now() };
        await sweepAll(epoch);
      }
      const pause = epoch === undefined ? ASK_MS : RENEW_MS;
      await sleep(pause, undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  const working = work();
  return {
    async close() {
      closing.abort();
      await working;
      const last = epoch;
      // Without it a successor begins when the lease is over.
      if (last !== undefined) await database.run((db) => resign(db, last)).catch(() => {});
    },
  };
}
