import assert from "node:assert/strict";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import { family, isRunning, send, startTime } from "@cloud-design/local/supervisor/process-table";
import { logOf } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { visibilitySeconds } from "../queues.ts";
import { VISIBILITY_SECONDS } from "../soup.ts";
import { until } from "../until.ts";

const BOOTS_MAX = 5;
/** The line of a process that has started; the bridge has one for each lane. */
const STARTED = /"message":"listening"|\/orders","message":"polling"/g;

/** A part that gets SIGTERM comes back by itself: its supervisor starts it again, as ECS does. */
export const SHUTDOWN_FAULTS: readonly Fault[] = [
  {
    name: "sigterm-billing",
    hypothesis: "After SIGTERM billing settles the orders that it holds, and the next process continues.",
    injection: "SIGTERM to billing; it is started again at once",
    promises: ["R5", "R7"],
    isFast: true,
    inject: (lab) => terminate(lab, "billing", "drained"),
  },
  {
    name: "sigterm-inventory",
    hypothesis: "After SIGTERM inventory answers the requests in flight, and orders are not affected.",
    injection: "SIGTERM to the one inventory; it is started again at once",
    promises: ["R5", "R7"],
    isFast: false,
    mayRefuse: { reads: true },
    inject: (lab) => terminate(lab, "inventory", "drained"),
  },
  {
    name: "sigterm-gateway",
    hypothesis:
      "After SIGTERM the gateway answers the requests in flight, and the orders that it has accepted are recorded.",
    injection: "SIGTERM to the one gateway; it is started again at once",
    promises: ["R5"],
    isFast: false,
    mayRefuse: { orders: true, reads: true },
    inject: (lab) => terminate(lab, "gateway", "stopping"),
  },
  {
    name: "sigterm-bridge",
    hypothesis:
      "After SIGTERM the bridge hands over the orders that it has received, and the next process continues.",
    injection: "SIGTERM to the bridge; it is started again at once",
    promises: ["R5", "R7"],
    isFast: false,
    inject: (lab) => terminate(lab, "order-bridge", "stopping"),
  },
  {
    name: "second-sigterm",
    hypothesis:
      "After a second SIGTERM billing ends at once, and the orders that it held are delivered to the next process.",
    injection: "SIGTERM to billing, which waits for a locked table, and SIGTERM again",
    promises: ["R5", "R7"],
    isFast: true,
    inject: terminateTwice,
  },
  {
    name: "sigterm-during-boot",
    hypothesis: "A process that gets SIGTERM while it starts ends, and its next start works.",
    injection: "SIGTERM to each of the four processes in turn, and to its successor as soon as there is one",
    promises: ["R5"],
    isFast: false,
    mayRefuse: { orders: true, reads: true },
    async inject(lab) {
      for (const part of ["billing", "inventory", "order-bridge", "gateway"])
        await terminateAtBoot(lab, part);
    },
  },
  {
    name: "supervisor-killed",
    hypothesis:
      "Without their supervisor all parts keep serving; the next start stops each of them and works.",
    injection: "kill -9 of the platform's supervisor, then `npm start` again",
    promises: ["R5"],
    isFast: false,
    mayRefuse: { orders: true, reads: true },
    // The bridge and SQS are stopped together, so the bridge can give back nothing that it holds.
    prepare: (lab) => visibilitySeconds(lab, VISIBILITY_SECONDS),
    inject: killSupervisor,
  },
];

async function terminate(lab: Lab, part: string, lastWord: string): Promise<void> {
  const ending = watch(lab, part);
  send(ending.pid, "SIGTERM");
  await ending.replaced();
  assert.match(ending.said(), new RegExp(`${part} ended unexpectedly \\(code 0\\)`));
  assert.match(ending.logged(), new RegExp(`"message":"${lastWord}"`));
}

async function terminateTwice(lab: Lab): Promise<void> {
  const ending = watch(lab, "billing");
  // Orders that wait for a lock keep it from ending after the first signal.
  await lab.sql.begin(async (sql) => {
    await sql`LOCK TABLE orders IN ACCESS EXCLUSIVE MODE`;
    await until("billing waits for the table", async () => {
      const waiting =
        await lab.sql`SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'orders'::regclass`;
      return waiting.length > 0;
    });
    send(ending.pid, "SIGTERM");
    await until("billing drains", () => /"message":"draining"/.test(ending.logged()));
    send(ending.pid, "SIGTERM");
    await ending.replaced();
  });
  assert.match(ending.said(), /billing ended unexpectedly \(code 1\)/);
  assert.doesNotMatch(ending.logged(), /"message":"(drained|not drained)/);
}

/** Repeats until the signal has met a process that was still starting: on a busy machine it may come too late. */
async function terminateAtBoot(lab: Lab, part: string): Promise<void> {
  for (let tries = 1; !(await isCaughtAtBoot(lab, part)); tries++) {
    assert.ok(tries < BOOTS_MAX, `${part} had started before it was asked to leave, ${tries} times`);
  }
}

async function isCaughtAtBoot(lab: Lab, part: string): Promise<boolean> {
  const first = watch(lab, part);
  send(first.pid, "SIGTERM");
  await until(`${part} has a successor`, () => ![0, first.pid].includes(lab.pidOf(part)));
  const second = watch(lab, part);
  send(second.pid, "SIGTERM");
  await second.replaced();
  const starts = () => second.logged().match(STARTED) ?? [];
  await until(`${part} has started`, () => starts().length > 0);
  return starts().length === 1;
}

async function killSupervisor(lab: Lab, load: Load): Promise<void> {
  const platform = readPlatform(lab.directory);
  assert.ok(platform, "there is no platform");
  const leaders = Object.values(platform.parts).flatMap(({ pid }) => pid ?? []);
  const members = leaders.flatMap(family).map((pid) => ({ pid, startedAt: startTime(pid) ?? "" }));
  send(platform.supervisor.pid, "SIGKILL");
  await until("the supervisor is dead", () => !isRunning(platform.supervisor));
  const placed = await load.order();
  assert.equal(placed.outcome, "acknowledged", "an order was not accepted without a supervisor");
  await lab.relaunch();
  const orphans = members.filter(isRunning);
  assert.deepEqual(orphans, [], "processes of the killed supervisor are still there");
}

/** The end of the process that a part has now, from the log lines that the part and its supervisor write from now on. */
function watch(lab: Lab, part: string) {
  const pid = lab.pidOf(part);
  const record = () => readPlatform(lab.directory)?.parts[part];
  const { length } = lab.said();
  return {
    pid,
    said: () => lab.said().slice(length),
    logged: logOf(lab, part),
    /** Resolves once the next process runs. */
    async replaced() {
      await until("its successor runs", () => {
        const { pid: next, state } = record() ?? {};
        return next !== pid && next !== null && state === "running";
      });
    },
  };
}
