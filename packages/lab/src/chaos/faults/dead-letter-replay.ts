import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { BILLING_DEAD_LETTERS, BILLING_QUEUE } from "@cloud-design/core/billing";
import { readyIn } from "@cloud-design/core/broker";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import { withChannel } from "../queues.ts";
import { until } from "../until.ts";

const LETTERS = 60;
const RATE = 20;
const CLI = join(import.meta.dirname, "../../../../cli/src/cli.ts");

/** The operator's replay after a mistake in billing has been corrected. */
export const DEAD_LETTER_FAULTS: readonly Fault[] = [
  {
    name: "dead-letter-replay",
    hypothesis:
      "Good orders among the dead letters are recorded once, although their replay is killed and repeated.",
    injection: `${LETTERS} orders are moved to the dead letters, their replay is killed with -9 half-way, then started again twice`,
    promises: ["R7"],
    isFast: false,
    async inject(lab) {
      await layAside(lab);
      const first = replay(lab, "--rate", String(RATE));
      await until("the replay is half-way", async () => (await lettersIn(lab)) <= LETTERS / 2);
      first.kill("SIGKILL");
      await once(first, "exit");
      assert.ok((await lettersIn(lab)) > 0, "the replay was over before it was killed");
      for (const _ of ["again", "once more"]) {
        const [code] = await once(replay(lab), "exit");
        assert.equal(code, 0, "a replay failed");
      }
    },
  },
];

/** Moves the orders that wait for billing to its dead letters, as a faulty billing would. */
async function layAside(lab: Lab): Promise<void> {
  await lab.ops("stop", "billing");
  try {
    await withChannel(lab, async (channel) => {
      await until(
        `${LETTERS} orders wait for billing`,
        async () => (await readyIn(channel, BILLING_QUEUE)) >= LETTERS,
      );
      for (let laid = 0; laid < LETTERS; laid++) {
        const message = await channel.get(BILLING_QUEUE);
        assert.ok(message, "an order has gone from billing_queue");
        const { content, properties } = message;
        const headers = { ...properties.headers, "x-reason": "A mistake of billing." };
        channel.publish(BILLING_DEAD_LETTERS, "", content, { ...properties, headers });
        await channel.waitForConfirms();
        channel.ack(message);
      }
    });
  } finally {
    await lab.ops("start", "billing");
  }
}

function replay({ directory }: Lab, ...flags: string[]): ChildProcess {
  const args = [CLI, "ops", "dlq", "replay", "--queue", "billing", "--all", "--why", "billing is mended"];
  const env = { ...process.env, CLOUD_DESIGN_LOCAL: directory };
  return spawn(process.execPath, [...args, ...flags], { env, stdio: "ignore" });
}

function lettersIn(lab: Lab): Promise<number> {
  return withChannel(lab, (channel) => readyIn(channel, BILLING_DEAD_LETTERS));
}
