import { join } from "node:path";
import type { AlarmFault } from "../fault.ts";
import { inPlaceOf } from "../in-place-of.ts";
import type { Laboratory } from "../laboratory.ts";
import { minutes } from "../minutes.ts";
import { without } from "../without.ts";

const CRASHING = join(import.meta.dirname, "../crashing-function.ts");

/** Each function, the part that runs it, and how long its last alarm goes on: the slow burn of an objective looks back over half an hour. */
const FUNCTIONS = [
  { name: "gateway", part: "gateway", calmMinutes: 36 },
  { name: "order-bridge", part: "order-bridge", calmMinutes: 10 },
  { name: "token-scopes", part: "identity", calmMinutes: 10 },
] as const;

export const FUNCTION_FAULTS: readonly AlarmFault[] = [
  ...FUNCTIONS.flatMap(({ name, part, calmMinutes }): AlarmFault[] => [
    {
      name: `${name}-crashes`,
      injection: `the function ${name} throws in each invocation for 14 minutes, as a bug does that no test found`,
      pace: { signIns: 2 },
      calmMinutes,
      inject: (lab) => changed(lab, part, { BROKEN_FUNCTION: `@cloud-design/functions/${name}` }),
    },
    {
      name: `${name}-throttled`,
      injection: `the reserved concurrency of ${name} is 0 for 14 minutes, as if the account's were used up`,
      pace: { signIns: 2 },
      calmMinutes: 20,
      inject: (lab) => changed(lab, part, { RESERVED_CONCURRENCY: "0" }),
    },
  ]),
  {
    name: "probe-stopped",
    injection: "the schedule of the status probe is switched off for 22 minutes",
    calmMinutes: 18,
    inject: (lab) => without(lab, "status-probe", 22),
  },
  {
    name: "journal-unreadable",
    injection:
      "CloudWatch Logs answers each question for the gateway's journal with an error for 22 minutes: a folder stands where its file is expected",
    calmMinutes: 26,
    async inject(lab) {
      await using _site = await inPlaceOf(lab, "site", { env: { GATEWAY_LOG: lab.directory } });
      await minutes(22);
    },
  },
];

async function changed(lab: Laboratory, part: string, env: Readonly<Record<string, string>>): Promise<void> {
  await using _changed = await inPlaceOf(lab, part, { env, preload: [CRASHING] });
  await minutes(14);
}
