import assert from "node:assert/strict";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import { DOOR_NAMES, identityState, keyIdOf, knock, strangersToken, tokenWith, urlOf } from "../doors.ts";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { until } from "../until.ts";

/** Strange tokens at each door. */
const STRANGERS = 20;
/** A verifier that was asked for an unknown key asks the issuer again this much later at the latest. */
const LOOK_AGAIN_SECONDS = 15;

/** Trouble with those who say who is calling. */
export const IDENTITY_FAULTS: readonly Fault[] = [
  {
    name: "issuer-down",
    hypothesis:
      "While the issuer is away, tokens of keys that are known open all they did, and strange ones nothing.",
    injection: "the issuer is stopped, and tokens that name an unknown key come to every door",
    promises: ["R7"],
    isFast: false,
    inject: withoutIssuer,
  },
  {
    name: "keys-rotated",
    hypothesis:
      "A token of a new key is good within seconds and without a restart; one of the old key until it is withdrawn.",
    injection: "the issuer signs with a new key, publishes the old one beside it, and withdraws one of them",
    promises: ["R7"],
    isFast: true,
    inject: rotate,
  },
  {
    name: "clock-skew",
    hypothesis:
      "A token is good from its nbf to its exp, to the second, at every door alike; whose clock is wrong harms nobody else.",
    injection: "tokens whose nbf and exp lie seconds before and behind now",
    promises: ["R7"],
    isFast: false,
    inject: skew,
  },
];

async function withoutIssuer(lab: Lab, load: Load): Promise<void> {
  await lab.ops("stop", "identity");
  try {
    const token = strangersToken(lab);
    for (const door of DOOR_NAMES) {
      const answers = await Promise.all(Array.from({ length: STRANGERS }, () => knock(lab, door, token)));
      assert.ok(!answers.includes("open"), `a strange token opened ${door}`);
      assert.ok(answers.includes("unavailable"), `${door} did not look for the strange key`);
      assert.equal(await knock(lab, door, lab.token), "open", `a known key did not open ${door}`);
    }
    const { outcome } = await load.order();
    assert.equal(outcome, "acknowledged", "an order was not accepted without the issuer");
  } finally {
    await lab.ops("start", "identity");
  }
}

async function rotate(lab: Lab): Promise<void> {
  const [current, retired] = ["signing-key.json", "retired-key.json"].map((file) =>
    join(identityState(lab), file),
  ) as [string, string];
  const key = await readFile(current);
  const pids = DOOR_NAMES.map(lab.pidOf);
  let fresh = "";
  try {
    await changeKeys(lab, () => rename(current, retired));
    const identityUrl = urlOf(lab, "identity");
    fresh = (await accessToken({ identityUrl, user: "ordinary" })).accessToken;
    assert.notEqual(keyIdOf(fresh), keyIdOf(lab.token), "the issuer signs with the old key");
    for (const door of DOOR_NAMES) {
      await until(
        `a new key opens ${door}`,
        async () => (await knock(lab, door, fresh)) === "open",
        LOOK_AGAIN_SECONDS,
      );
      assert.equal(await knock(lab, door, lab.token), "open", `the old key no longer opens ${door}`);
    }
  } finally {
    // The laboratory's own token is of the old one.
    await changeKeys(lab, async () => {
      await writeFile(current, key, { mode: 0o600 });
      await rm(retired, { force: true });
    });
  }
  for (const door of DOOR_NAMES) {
    await until(
      `the withdrawn key opens ${door} no more`,
      async () => {
        await knock(lab, door, strangersToken(lab)); // what makes a verifier look again
        return (await knock(lab, door, fresh)) === "refused";
      },
      LOOK_AGAIN_SECONDS,
    );
    assert.equal(await knock(lab, door, lab.token), "open", `the key that stayed does not open ${door}`);
  }
  assert.deepEqual(DOOR_NAMES.map(lab.pidOf), pids, "a process was started again");
}

async function changeKeys(lab: Lab, change: () => Promise<void>): Promise<void> {
  await lab.ops("stop", "identity");
  await change();
  await lab.ops("start", "identity");
}

async function skew(lab: Lab): Promise<void> {
  // biome-ignore lint/plugin: seconds since 1970, as tokens have them.
  const now = Math.floor(Date.now() / 1_000);
  const refused = { "ended a second ago": { exp: now - 1 }, "begins in a minute": { nbf: now + 60 } };
  const good = { "began a second ago": { nbf: now - 1 }, "ends in a minute": { exp: now + 60 } };
  for (const door of DOOR_NAMES) {
    for (const [which, claims] of Object.entries(refused))
      assert.equal(
        await knock(lab, door, await tokenWith(lab, claims)),
        "refused",
        `${door}: one that ${which}`,
      );
    for (const [which, claims] of Object.entries(good))
      assert.equal(
        await knock(lab, door, await tokenWith(lab, claims)),
        "open",
        `${door}: one that ${which}`,
      );
  }
  // biome-ignore lint/plugin: seconds since 1970, as tokens have them.
  const soon = Math.floor(Date.now() / 1_000) + 2;
  const [beginning, ending] = [await tokenWith(lab, { nbf: soon }), await tokenWith(lab, { exp: soon })];
  for (const door of DOOR_NAMES) {
    await until(
      `${door} takes a token from its nbf on`,
      async () => (await knock(lab, door, beginning)) === "open",
    );
    await until(
      `${door} takes a token to its exp`,
      async () => (await knock(lab, door, ending)) === "refused",
    );
  }
}
