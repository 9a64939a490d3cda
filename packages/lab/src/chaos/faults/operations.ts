import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../fault.ts";
import { replaceAll } from "../replace-all.ts";
import { until } from "../until.ts";
import { DRAIN } from "./drain.ts";
import { onFleet, withStatuses } from "./on-fleet.ts";
import { RESTORE_BACKUP } from "./restore-backup.ts";
import { ROTATION_FAULTS } from "./rotations.ts";
import { SCHEMA_MIGRATION } from "./schema-migration.ts";

/** Assumed seconds from the death of a task until ECS takes it from the balancer; AWS says only "within seconds". */
const ECS_NOTICES_SECONDS = 2;

/** The most requests that a killed process has in flight: the reads that overlap at 20 a second on a busy machine. */
const IN_HAND_MAX = 3;

export const OPERATIONS_FAULTS: readonly Fault[] = [
  onFleet({
    name: "inventory-kill-one",
    hypothesis:
      "While one of two inventory tasks is dead, the other one answers; only requests in flight at the dead one may fail.",
    injection: `kill -9 of one of two inventory tasks; the balancer still sends to it for ${ECS_NOTICES_SECONDS} s, then a new task starts`,
    promises: ["R7"],
    isFast: false,
    mayRefuse: { reads: true },
    async inject({ inventory }, _lab, load) {
      const [task] = inventory.tasks;
      assert(task);
      const before = { ...load.reads };
      await inventory.killTask(task);
      await sleep(ECS_NOTICES_SECONDS * 1_000);
      await inventory.balancer.deregister(task.port);
      const served = load.reads.served - before.served;
      await inventory.startTask();
      assert(served > 0, "the other task answered no read");
      const failed = load.reads.failed - before.failed;
      assert(failed <= IN_HAND_MAX, `${failed} reads failed, and ${served} were served`);
    },
  }),
  onFleet({
    name: "inventory-kill-all",
    hypothesis:
      "Without an inventory task, reads are answered with 503 and orders are accepted as always; reads work again once the tasks are back.",
    injection: "kill -9 of both inventory tasks; two new ones start",
    promises: ["R7"],
    isFast: false,
    mayRefuse: { reads: true },
    async inject({ inventory }, _lab, load) {
      const tasks = [...inventory.tasks];
      await Promise.all(tasks.map(inventory.killTask));
      await Promise.all(tasks.map(({ port }) => inventory.balancer.deregister(port)));
      const { failed } = load.reads;
      await until("reads are refused without a task", () => load.reads.failed >= failed + 10);
      await Promise.all(tasks.map(inventory.startTask));
      const { served } = load.reads;
      await until("reads are served again", () => load.reads.served >= served + 10);
    },
  }),
  onFleet({
    name: "rolling-restart",
    hypothesis: "A deployment replaces every task and the bridge without a failed request.",
    injection:
      "one after the other, each task of both services: a new one up, healthy and registered, the old one deregistered, SIGTERM; then the bridge",
    promises: ["R7"],
    isFast: false,
    async inject({ inventory, billing, replaceBridge }, lab, load) {
      await withStatuses(lab, load, async () => {
        await Promise.all([replaceAll(inventory), replaceAll(billing)]);
        await replaceBridge();
      });
    },
  }),
  ...ROTATION_FAULTS,
  RESTORE_BACKUP,
  SCHEMA_MIGRATION,
  DRAIN,
];
