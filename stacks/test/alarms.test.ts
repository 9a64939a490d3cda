import { join } from "node:path";
import { committedRecordings, QUIET } from "@cloud-design/cloudwatch/recording";
import { expect, inject, test } from "vitest";
import { alarmsOf } from "../testing/alarms/alarms.ts";
import { alarmsPage } from "../testing/alarms/page.ts";
import { passageOf } from "../testing/alarms/passage.ts";
import { readApp } from "../testing/app.ts";

const PAGE = join(import.meta.dirname, "../../docs/alarms.md");
const prod = readApp("prod", inject("outputs").prod);

test("docs/alarms.md says with which fault each alarm rings, and for how long", async () => {
  await expect(alarmsPage(prod, committedRecordings())).toMatchFileSnapshot(PAGE);
});

test("every alarm of a stage is one of prod's, so the recordings of prod cover all stages", () => {
  const heard = alarmsOf(prod);
  const dev = alarmsOf(readApp("dev", inject("outputs").dev));
  expect([...dev.keys()].filter((name) => !heard.has(name))).toEqual([]);
});

test.each(["billing-database-stopped", "broker-stopped", "order-lost"])(
  "orders-unsettled does not ring for %s, which has alarms of its own",
  (fault) => {
    const [alarm, recordings] = [alarmsOf(prod).get("orders-unsettled"), committedRecordings()];
    const [recording, quiet] = [recordings.get(fault), recordings.get(QUIET)];
    if (!alarm || !recording || !quiet) throw new Error(`There is no alarm or recording for ${fault}.`);
    expect(passageOf(alarm, recording, quiet).ringsAfter).toBeUndefined();
  },
);
