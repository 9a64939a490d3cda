import assert from "node:assert/strict";
import type { Fault } from "../fault.ts";
import { type Fleet, openFleet } from "../fleet.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { startStatusAskers } from "../status-askers.ts";

type FleetFault = Omit<Fault, "prepare" | "inject"> & {
  inject(fleet: Fleet, lab: Lab, load: Load): Promise<unknown>;
};

/** A fault that needs several tasks of a service, a balancer, or secrets. */
export function onFleet(fault: FleetFault): Fault {
  let fleet: Fleet | undefined;
  return {
    ...fault,
    async prepare(lab) {
      fleet = await openFleet(lab);
      return fleet;
    },
    async inject(lab, load) {
      assert(fleet, "the fault was not prepared");
      return fault.inject(fleet, lab, load);
    },
  };
}

/** Fails if a single request for the status of an order is not answered during the work. */
export async function withStatuses(lab: Lab, load: Load, work: () => Promise<void>): Promise<void> {
  const askers = startStatusAskers(lab, load);
  try {
    await work();
  } finally {
    await askers.stop();
  }
  const { failed, served } = askers;
  assert.equal(
    failed.length,
    0,
    `${failed.length} of ${failed.length + served} statuses failed: ${failed[0]}`,
  );
  assert(served > 0, "no client asked for a status");
}
