import { QUIET, RECORDINGS, readRecordings } from "@cloud-design/cloudwatch/recording";
import type { App } from "@cloud-design/stacks/testing/app";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AlarmFault } from "./fault.ts";
import { ALARM_FAULTS } from "./faults/index.ts";
import { type Laboratory, openLaboratory } from "./laboratory.ts";
import { record } from "./record.ts";
import { buildApp } from "./template.ts";
import { alarmsWith, judge } from "./verdict.ts";

/** Faults whose alarms end soon, and that do not affect each other's parts. */
const TOGETHER = ["bridge-stopped", "broker-connections-leaked"];
const FAULTS = ALARM_FAULTS.filter(({ name }) => TOGETHER.includes(name));
const BOTH: AlarmFault = {
  name: TOGETHER.join(" and "),
  injection: FAULTS.map(({ injection }) => injection).join("; "),
  calmMinutes: 5,
  inject: async (lab) => void (await Promise.all(FAULTS.map((fault) => fault.inject(lab)))),
};

/** For building the template and starting the platform at the same time: some 25 s, and three times that on a busy machine. */
const OPENING_MS = 240_000;

let app: App;
let lab: Laboratory;
beforeAll(async () => {
  const building = buildApp();
  lab = await openLaboratory(building, () => {});
  app = await building;
}, OPENING_MS);
afterAll(() => lab?.[Symbol.asyncDispose]());

test("two faults behave as their recordings say: their alarms are OK, ring while the faults last, and are OK again", async () => {
  const quiet = readRecordings(RECORDINGS).get(QUIET);
  const recording = await record(BOTH, lab, () => {});
  const { problems, passages } = judge(app, recording, quiet ?? recording, alarmsWith(...TOGETHER));
  expect(problems).toEqual([]);
  expect(passages.map(({ alarm }) => alarm)).toEqual([
    "orders-age",
    "orders-priority-age",
    "broker-connections",
  ]);
});
