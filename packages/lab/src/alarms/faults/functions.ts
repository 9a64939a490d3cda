import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { createApp } from "@cloud-design/functions/certificate/app";
import type { AlarmFault } from "../fault.ts";
import { inPlaceOf } from "../in-place-of.ts";
import type { Laboratory } from "../laboratory.ts";
import { minutes } from "../minutes.ts";
import { keyOf } from "../recorder.ts";
import { without } from "../without.ts";

const CRASHING = join(import.meta.dirname, "../crashing-function.ts");
const THROTTLED = join(import.meta.dirname, "../throttled-routes.ts");

/** Each function, the part that runs it, and how long its last alarm lasts: the slow burn of an objective covers half an hour. */
const FUNCTIONS = [
  { name: "gateway", part: "gateway", calmMinutes: 36 },
  { name: "order-bridge", part: "order-bridge", calmMinutes: 10 },
  { name: "token-scopes", part: "identity", calmMinutes: 10 },
] as const;

export const FUNCTION_FAULTS: readonly AlarmFault[] = [
  ...FUNCTIONS.flatMap(({ name, part, calmMinutes }): AlarmFault[] => [
    {
      name: `${name}-crashes`,
      injection: `the function ${name} throws in each invocation for 14 minutes, like a bug that no test found`,
      pace: { signIns: 2 },
      calmMinutes,
      inject: (lab) => changed(lab, part, { BROKEN_FUNCTION: `@cloud-design/functions/${name}` }),
    },
    {
      name: `${name}-throttled`,
      injection: `the reserved concurrency of ${name} is 0 for 14 minutes, as if the account's concurrency were used up`,
      pace: { signIns: 2 },
      calmMinutes: 20,
      inject: (lab) => changed(lab, part, { RESERVED_CONCURRENCY: "0" }),
    },
  ]),
  {
    name: "order-gateway-throttled",
    injection:
      "the reserved concurrency of order-gateway is 0 for 14 minutes, as if that many orders were under way",
    calmMinutes: 36,
    async inject(lab) {
      await using _changed = await inPlaceOf(lab, "gateway", { env: { ORDER_RESERVED_CONCURRENCY: "0" } });
      await minutes(14);
    },
  },
  {
    name: "routes-throttled",
    injection:
      "API Gateway answers each request with 429 for 14 minutes, as if the throttle of its route were used up",
    calmMinutes: 26,
    async inject(lab) {
      await using _gateway = await inPlaceOf(lab, "gateway", { preload: [THROTTLED] });
      await minutes(14);
    },
  },
  {
    name: "address-blocked",
    injection:
      "the firewall reports 900 blocked requests a minute for 14 minutes, those of a partner who sends 15 a second; the laptop has no firewall, so only the figures are recorded",
    calmMinutes: 14,
    async inject({ recorder }) {
      const key = keyOf(recorder.wanted, "AWS/WAFV2 BlockedRequests");
      for (let minute = 0; minute < 14; minute++) {
        recorder.take(key, 900);
        await minutes(1);
      }
    },
  },
  {
    name: "probe-stopped",
    injection: "the schedule of the status probe is switched off for 22 minutes",
    calmMinutes: 18,
    inject: (lab) => without(lab, "status-probe", 22),
  },
  {
    name: "certificate-not-renewed",
    injection:
      "ACM reports the remaining days of a certificate that is 40 days old, and after 4 minutes those of a new one",
    calmMinutes: 2,
    inject: reportCertificate,
  },
  {
    name: "journal-unreadable",
    injection:
      "CloudWatch Logs answers each query of the gateway's journal with an error for 22 minutes: a folder is in the place of its file",
    calmMinutes: 26,
    async inject(lab) {
      await using _site = await inPlaceOf(lab, "site", { env: { GATEWAY_LOG: lab.directory } });
      await minutes(22);
    },
  },
];

const DAY_MS = 24 * 60 * 60 * 1_000;

/** The function's own code creates the certificate. The clock is changed, and the recorder gets the days that ACM would report. */
async function reportCertificate({ recorder }: Laboratory): Promise<void> {
  const key = keyOf(recorder.wanted, "AWS/CertificateManager DaysToExpiry");
  const wanted = { names: ["localhost"], generation: "1" };
  let [authority, cert, madeDaysAgo] = [JSON.stringify({ authorities: [] }), "", 40];
  const app = createApp({
    stage: "alarms",
    authority: {
      read: async () => authority,
      write: async (text) => {
        authority = text;
      },
    },
    task: { write: async () => {} },
    broker: () => ({ write: async () => {} }),
    acm: {
      import: async (identity) => {
        cert = identity.cert;
        return "arn:aws:acm:local";
      },
      remove: async () => {},
    },
    // biome-ignore lint/plugin: certificates end by wall time.
    now: () => new Date(Date.now() - madeDaysAgo * DAY_MS),
  });
  const report = () => {
    const end = new X509Certificate(cert).validToDate.getTime();
    // biome-ignore lint/plugin: certificates end by wall time.
    recorder.take(key, Math.floor((end - Date.now()) / DAY_MS));
  };
  await app.issue(wanted);
  report();
  await minutes(4);
  madeDaysAgo = 0;
  await app.issue(wanted);
  report();
}

async function changed(lab: Laboratory, part: string, env: Readonly<Record<string, string>>): Promise<void> {
  await using _changed = await inPlaceOf(lab, part, { env, preload: [CRASHING] });
  await minutes(14);
}
