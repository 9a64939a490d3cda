import assert from "node:assert/strict";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import { DOOR_NAMES, identityState, keyIdOf, knock, strangersToken, tokenWith, urlOf } from "../doors.ts";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { until } from "../until.ts";

/** How many tokens with an unknown key each process gets. */
const STRANGERS = 20;
/** The longest time after which a verifier that met an unknown key asks the issuer again. */
const LOOK_AGAIN_SECONDS = 15;

/** Faults of tokens, keys and clocks. */
export const IDENTITY_FAULTS: readonly Fault[] = [
  {
    name: "issuer-down",
    hypothesis:
      "While the issuer is down, tokens with a known key are accepted everywhere, and tokens with an unknown key nowhere.",
    injection:
      "the issuer is stopped, and tokens that name an unknown key are sent to gateway, inventory and billing",
    promises: ["R7"],
    isFast: false,
    inject: withoutIssuer,
  },
  {
    name: "keys-rotated",
    hypothesis:
      "A token with a new key is accepted within seconds and without a restart, and one with the old key until that key is withdrawn.",
    injection: "the issuer signs with a new key, publishes the old one beside it, and withdraws one of them",
    promises: ["R7"],
    isFast: true,
    inject: rotate,
  },
  {
    name: "clock-skew",
    hypothesis:
      "Gateway, inventory and billing accept a token from its nbf to its exp, to the second; a wrong clock affects only its own process.",
    injection: "tokens whose nbf and exp lie seconds before and after the current time",
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
      assert.ok(!answers.includes("open"), `${door} accepted a token with an unknown key`);
      assert.ok(answers.includes("unavailable"), `${door} did not look up the unknown key`);
      assert.equal(await knock(lab, door, lab.token), "open", `${door} refused a token with a known key`);
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
        `${door} accepts a token with the new key`,
        async () => (await knock(lab, door, fresh)) === "open",
        LOOK_AGAIN_SECONDS,
      );
      assert.equal(
        await knock(lab, door, lab.token),
        "open",
        `${door} no longer accepts a token with the old key`,
      );
    }
  } finally {
    // The laboratory's own token is signed with the old key.
    await changeKeys(lab, async () => {
      await writeFile(current, key, { mode: 0o600 });
      await rm(retired, { force: true });
    });
  }
  for (const door of DOOR_NAMES) {
    await until(
      `${door} refuses a token with the withdrawn key`,
      async () => {
        await knock(lab, door, strangersToken(lab)); // an unknown key makes the verifier ask again
        return (await knock(lab, door, fresh)) === "refused";
      },
      LOOK_AGAIN_SECONDS,
    );
    assert.equal(await knock(lab, door, lab.token), "open", `${door} refuses a token with the remaining key`);
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
