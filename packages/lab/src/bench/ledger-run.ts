// `node ledger-run.ts < RUN`: one run of the status probe's ledger in a process of its own, as in its function. Prints what it cost, and the
// state for the next run, as JSON.
import { json } from "node:stream/consumers";
import { mock } from "node:test";
import { askBilling } from "@cloud-design/functions/status-probe/ask-billing";
import { audit } from "@cloud-design/functions/status-probe/audit";
import { figures } from "@cloud-design/functions/status-probe/figures";
import { openJournal } from "@cloud-design/functions/status-probe/journal";
import { Ledger } from "@cloud-design/functions/status-probe/ledger";

/** That of a stage on AWS. */
const SETTLE_SECONDS = 180;

const { billingUrl, token, now, state } = (await json(process.stdin)) as {
  billingUrl: string;
  token: string;
  now: number;
  state: string;
};
mock.timers.enable({ apis: ["Date"], now });
const source = { billingUrl, token: { get: async () => token, forget() {} } };
const startedAt = performance.now();
const before = process.cpuUsage();
const { ledger, counted } = await audit(
  {
    journal: openJournal("gateway"),
    countDeadLetters: async () => 0,
    countInSqs: async () => ({ standard: 0, priority: 0 }),
    countInBroker: async () => ({ ready: { standard: 0, priority: 0 }, consumers: 1 }),
    askBilling: (ids, signal) => askBilling(source, ids, signal),
    settleSeconds: SETTLE_SECONDS,
  },
  Ledger.parse(JSON.parse(state)),
);
const { unaccounted } = figures(ledger, counted, SETTLE_SECONDS).ledger;
const after = JSON.stringify(ledger);
const { user, system } = process.cpuUsage(before);
const result = {
  seconds: (performance.now() - startedAt) / 1_000,
  processorSeconds: (user + system) / 1_000_000,
  megabytes: process.resourceUsage().maxRSS / 1_024,
  hasVerdict: unaccounted === 0,
  behindSeconds: (now - ledger.readFrom) / 1_000,
  state: after,
};
process.stdout.write(JSON.stringify(result), () => process.exit(0));
