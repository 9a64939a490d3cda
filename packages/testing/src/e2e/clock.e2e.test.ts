import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inPlaceOf } from "@cloud-design/lab/alarms/in-place-of";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { expect, inject, it } from "vitest";
import * as z from "zod";
import { call, ops, SOON, stopped } from "./client.ts";

const HOUR = 3_600_000;
const CLOCK = join(import.meta.dirname, "set-clock.ts");
const Status = z.object({ status: z.string(), checked_at: z.iso.datetime().transform(Date.parse) });

const status = async () => (await call("GET", "/api/status", { as: null })).json;
const down = (name: string) => expect.objectContaining({ name, status: "down" });

it.each([
  ["back", -HOUR],
  ["forward", HOUR],
])(
  "/api/status says that both services have died, though the clock was set %s by an hour",
  async (_, offset) => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "clock");
    writeFileSync(file, "0");
    const lab = { directory: inject("local"), ops };
    await using _gateway = await inPlaceOf(lab, "gateway", { env: { CLOCK_FILE: file }, preload: [CLOCK] });
    await expect.poll(status, SOON).toMatchObject({ status: "up" });
    const before = Status.parse(await status());
    await using _inventory = await stopped("inventory");
    await using _billing = await stopped("billing");
    // The probe's current report may be some seconds old, from before the change.
    writeFileSync(file, String(offset));
    await expect.poll(status, SOON).toMatchObject({
      status: "degraded",
      components: expect.arrayContaining([down("inventory"), down("billing")]),
    });
    const { checked_at } = Status.parse(await status());
    expect(Math.round((checked_at - before.checked_at) / HOUR)).toBe(offset / HOUR);
  },
);
