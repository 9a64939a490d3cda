import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { BILLING_DEAD_LETTERS, BILLING_QUEUE } from "@cloud-design/core/billing";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import { depthOf, withChannel } from "../queues.ts";
import { until } from "../until.ts";

const LETTERS = 60;
const RATE = 20;
const CLI = join(import.meta.dirname, "../../../../cli/src/cli.ts");

/** What a person does after a mistake of ours has been mended. */
export const DEAD_LETTER_FAULTS: readonly Fault[] = [
  {
    name: "dead-letter-replay",
    hypothesis:
      "Good orders among the dead letters are recorded once, though their replay is killed and done twice.",
    injection: `${LETTERS} orders are laid among the dead letters, their replay is killed with -9 half-way, started again, and once more`,
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

/** Takes what waits for billing out of its queue, as a billing with a mistake in it would. */
async function layAside(lab: Lab): Promise<void> {
  await lab.ops("stop", "billing");
  try {
    await withChannel(lab, async (channel) => {
      await until(
        `${LETTERS} orders wait for billing`,
        async () => (await depthOf(channel, BILLING_QUEUE)) >= LETTERS,
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
  return withChannel(lab, (channel) => depthOf(channel, BILLING_DEAD_LETTERS));
}
