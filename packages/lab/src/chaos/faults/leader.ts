import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { LEASE_SECONDS } from "@cloud-design/core/leader";
import { send } from "@cloud-design/local/supervisor/process-table";
import type { Fault } from "../fault.ts";
import type { Fleet } from "../fleet.ts";
import type { Lab } from "../lab.ts";
import { until } from "../until.ts";
import { onFleet } from "./on-fleet.ts";

/** A process that asks each second begins so late at most, with the time of its statement. */
const TAKEN_WITHIN_SECONDS = 2;
/** Longer than a leader waits between two renewals. */
const RENEWAL_SECONDS = 7;
const AWAY_SECONDS = 20;
const BACK_WITHIN_SECONDS = 5;

/** Faults of the task that sweeps. A wrong clock is a test instead (leader.integration.test.ts), because a task must start with it. */
export const LEADER_FAULTS: readonly Fault[] = [
  onFleet({
    name: "leader-kill",
    hypothesis: `Another task leads the sweep ${TAKEN_WITHIN_SECONDS} s after the lease of a dead leader at the latest.`,
    injection: "kill -9 of the leader among three tasks of billing",
    promises: ["R5", "R7"],
    isFast: false,
    async inject({ billing }, lab) {
      const former = await leaderOfThree({ billing }, lab);
      const killedAt = (await leaseOf(lab)).now;
      await billing.killTask(former.task);
      await billing.balancer.deregister(former.task.port);
      return gap(killedAt, await successorOf(lab, former.epoch));
    },
  }),
  onFleet({
    name: "leader-freeze",
    hypothesis: "A leader that was frozen for longer than its lease leads no more when it continues.",
    injection: "SIGSTOP to the leader among three tasks of billing, until another one leads",
    promises: ["R5", "R7"],
    isFast: false,
    recoverySecondsMax: 30,
    async inject({ billing }, lab) {
      const former = await leaderOfThree({ billing }, lab);
      const frozenAt = (await leaseOf(lab)).now;
      send(former.pid, "SIGSTOP");
      try {
        const successor = await successorOf(lab, former.epoch);
        send(former.pid, "SIGCONT");
        await sleep(RENEWAL_SECONDS * 1_000);
        const { epoch, pid } = await leaseOf(lab);
        assert.deepEqual({ epoch, pid }, { epoch: successor.epoch, pid: successor.pid });
        return gap(frozenAt, successor);
      } finally {
        send(former.pid, "SIGCONT");
      }
    },
  }),
  onFleet({
    name: "leader-database-away",
    hypothesis: `One of three tasks leads the sweep within ${BACK_WITHIN_SECONDS} s of the database's return.`,
    injection: `connections to PostgreSQL end and are refused for ${AWAY_SECONDS} s`,
    promises: ["R5", "R7"],
    isFast: false,
    async inject({ billing }, lab) {
      await leaderOfThree({ billing }, lab);
      const { proxy } = lab.ordersDatabase;
      await proxy.suffer({ kind: "cut" });
      await sleep(AWAY_SECONDS * 1_000);
      const back = await leaseOf(lab);
      await proxy.suffer({ kind: "none" });
      const { renewedAt } = await successorOf(lab, back.epoch);
      const seconds = renewedAt - back.now;
      assert(seconds < BACK_WITHIN_SECONDS, `a task led ${seconds.toFixed(1)} s after the return`);
      return `a leader ${seconds.toFixed(1)} s after the return`;
    },
  }),
];

/** By the database's clock, in seconds. */
interface Lease {
  now: number;
  pid: number;
  epoch: number;
  renewedAt: number;
  isHeld: boolean;
}

async function leaseOf({ sql }: Lab): Promise<Lease> {
  const [lease] = await sql<Lease[]>`
    SELECT extract(epoch FROM clock_timestamp())::float8 AS now, nullif(split_part(holder, ' ', 2), '')::int AS pid, epoch,
           extract(epoch FROM expires_at)::float8 - ${LEASE_SECONDS} AS "renewedAt",
           expires_at > clock_timestamp() AS "isHeld"
    FROM leases`;
  assert(lease, "the table of leases is empty");
  return lease;
}

/** Starts a third task, and finds out which of them leads. */
async function leaderOfThree({ billing }: Pick<Fleet, "billing">, lab: Lab) {
  await billing.startTask();
  const taskOf = ({ pid }: Lease) => billing.tasks.find(({ running }) => running.pid === pid);
  await until("one of the tasks leads", async () => {
    const lease = await leaseOf(lab);
    return lease.isHeld && taskOf(lease) !== undefined;
  });
  const lease = await leaseOf(lab);
  const task = taskOf(lease);
  assert(task);
  return { ...lease, task };
}

async function successorOf(lab: Lab, epoch: number): Promise<Lease> {
  await until("another task leads", async () => (await leaseOf(lab)).epoch > epoch);
  return leaseOf(lab);
}

function gap(since: number, { renewedAt }: Lease): string {
  const seconds = renewedAt - since;
  const secondsMax = LEASE_SECONDS + TAKEN_WITHIN_SECONDS;
  assert(seconds <= secondsMax, `for ${seconds.toFixed(1)} s no task led`);
  return `${seconds.toFixed(1)} s without a leader`;
}
