import assert from "node:assert/strict";
import { migrate } from "@cloud-design/core/migrate";
import postgres from "postgres";
import type { Fault } from "../fault.ts";
import type { Fleet } from "../fleet.ts";
import { BROKER_USER, newPassword } from "../fleet-secrets.ts";
import type { Service } from "../fleet-service.ts";
import { onFleet, withStatuses } from "./on-fleet.ts";

const DATABASE = { inventory: "movies", billing: "orders" } as const;

/** In the order of "Rotate" in docs/deploy.md, each under the worst conditions. */
export const ROTATION_FAULTS: readonly Fault[] = [
  onFleet({
    name: "rotate-database-password",
    hypothesis:
      "The passwords of both roles change without a failed request: a service that signs in meanwhile waits, or reads the secret again.",
    injection:
      "for each service: first the new secret, then a new task, then the function that sets the role's password; then every session of the role is ended",
    promises: ["R7"],
    isFast: false,
    async inject(fleet, lab, load) {
      await withStatuses(lab, load, async () => {
        for (const service of [fleet.inventory, fleet.billing]) await rotateDatabase(service, fleet);
      });
    },
  }),
  onFleet({
    name: "rotate-broker-password",
    hypothesis: "The broker's password changes, and every order is recorded as always.",
    injection: "RabbitMQ's user first, then the secret; then every connection of the user is closed",
    promises: ["R5", "R7"],
    isFast: false,
    async inject({ putPassword }, lab, load) {
      const { control, setPassword } = lab.broker;
      await withStatuses(lab, load, async () => {
        const password = newPassword();
        await setPassword("change_password", BROKER_USER, password);
        putPassword("broker", password);
        const before = await connections();
        assert(before.length >= 3, `only ${before.length} connections had the old password`);
        await control("close_all_user_connections", BROKER_USER, "The password was rotated");
        const after = await connections();
        assert(
          before.every((pid) => !after.includes(pid)),
          "a connection with the old password is still open",
        );
      });

      async function connections(): Promise<string[]> {
        const listed = await control("list_connections", "--no-table-headers", "pid", "user");
        return listed
          .split("\n")
          .map((line) => line.split("\t"))
          .flatMap(([pid, user]) => (pid !== undefined && user === BROKER_USER ? [pid] : []));
      }
    },
  }),
];

async function rotateDatabase(service: Service, { databases, putPassword }: Fleet): Promise<void> {
  const { noun } = service;
  const { url, adminUrl } = databases[DATABASE[noun]];
  const servicePassword = newPassword();
  putPassword(noun, servicePassword);
  // The task's first sign-in uses the new password, which the role does not have yet.
  const joined = await service.startTask();
  await migrate(noun, { adminUrl, servicePassword });
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    const ended = await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ${noun}`;
    assert(ended.length > 0, `no session of ${noun} was ended`);
  } finally {
    await admin.end({ timeout: 1 });
  }
  await assert.rejects(signIn(url), { code: "28P01" }, "the old password still opens the database");
  await service.stopTask(joined);
}

async function signIn(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql`SELECT`.finally(() => sql.end({ timeout: 0 }));
}
