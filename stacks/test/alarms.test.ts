import { join } from "node:path";
import { committedRecordings, QUIET } from "@cloud-design/cloudwatch/recording";
import { settingsOf } from "@cloud-design/stage/settings";
import { expect, inject, test } from "vitest";
import { alarmsOf } from "../testing/alarms/alarms.ts";
import { alarmsPage } from "../testing/alarms/page.ts";
import { passageOf } from "../testing/alarms/passage.ts";
import { presetOfStage, readApp } from "../testing/app.ts";
import { STAGES, type StageName } from "../testing/setup.ts";

const PAGE = join(import.meta.dirname, "../../docs/alarms.md");
const prod = readApp("prod", inject("outputs").prod);

test("docs/alarms.md says with which fault each alarm rings, and for how long", async () => {
  await expect(alarmsPage(prod, committedRecordings())).toMatchFileSnapshot(PAGE);
});

const others = STAGES.filter((stage) => stage !== "prod");
const alarmsOfStage = (stage: StageName) => alarmsOf(readApp(stage, inject("outputs")[stage]));

test.each(others)(
  "every alarm of %s is one of prod's, so the recordings of prod cover all stages",
  (stage) => {
    const heard = alarmsOf(prod);
    expect([...alarmsOfStage(stage).keys()].filter((name) => !heard.has(name))).toEqual([]);
  },
);

test.each(STAGES)("%s has the alarms of the table of stages", (stage) => {
  const { alarms } = settingsOf(presetOfStage(stage));
  if (alarms !== "all") expect([...alarmsOfStage(stage).keys()].sort()).toEqual([...alarms].sort());
});

test("a learner's alarms read no metric of the project's own, and ten at most, which are free in an account", () => {
  const keys = [...alarmsOfStage("learner").values()].flatMap((alarm) => alarm.keys);
  expect(keys.filter((key) => key.startsWith("cloud-design/"))).toEqual([]);
  expect(keys.length).toBeLessThanOrEqual(10);
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
