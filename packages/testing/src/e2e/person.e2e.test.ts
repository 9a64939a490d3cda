import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { LogLine } from "@cloud-design/core/log-line";
import { stateDirectory } from "@cloud-design/local/servers/state-directory";
import { closedAccounts } from "@cloud-design/local/stand-ins/cognito/closed-accounts";
import { USERS } from "@cloud-design/local/stand-ins/cognito/people";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import { afterAll, expect, inject, it } from "vitest";
import { call, platform, SOON } from "./client.ts";
import { newUserId, orderRow } from "./stores.ts";

const cli = join(import.meta.dirname, "../../../cli/src/cli.ts");
const identity = `${stateDirectory(inject("local"))}/identity`;
const closed = join(identity, "closed-accounts.json");
afterAll(() => rmSync(closed, { force: true }));

async function person(...args: string[]): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [cli, "ops", "person", ...args], {
    env: { ...process.env, CLOUD_DESIGN_LOCAL: inject("local") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, said: out + err };
}

const ledger = async () => {
  const { url } = platform.parts.site ?? { url: "" };
  return ((await (await fetch(`${url}/status/status.json`)).json()) as { orders: Record<string, number> })
    .orders;
};

it("erases a person when their last token has ended, and the ledger still finds each of their orders", async () => {
  const userId = newUserId();
  const order = { user_id: userId, number_of_items: 2, total_amount: "180.00" };
  const place = () =>
    call("POST", "/api/billing", {
      as: "premium",
      body: order,
      headers: { "idempotency-key": `person-${userId}` },
    });
  const { id } = (await place()).json as { id: string };
  await expect.poll(() => orderRow(id), SOON).toMatchObject({ owner: USERS.premium.sub, user_id: userId });
  const document = JSON.parse((await person("export", "premium", "--json")).said);
  expect(document.user.attributes).toEqual({ email: USERS.premium.email });
  expect(document.orders).toContainEqual(expect.objectContaining({ id, user_id: userId }));

  const refused = await person("erase", "premium", "--yes");
  expect(refused).toEqual({ code: 1, said: expect.stringMatching(/^premium can no longer sign in\./) });
  const signIn = accessToken({ identityUrl: platform.parts.identity?.url ?? "", user: "premium" });
  await expect(signIn).rejects.toThrow("ended at /login/");
  expect(await orderRow(id)).toMatchObject({ owner: USERS.premium.sub });

  // As if the account had been closed half an hour ago.
  const accounts = closedAccounts(identity);
  const disabledAt = new Date(Date.parse(accounts.premium?.disabledAt ?? "") - 30 * 60_000).toISOString();
  writeFileSync(closed, JSON.stringify({ premium: { disabledAt, isDeleted: false } }));
  await expect.poll(() => person("erase", "premium", "--yes"), SOON).toMatchObject({ code: 0 });

  const erased = { user_id: 0, number_of_items: 2, total_amount: "180.00", owner: null, traceparent: null };
  expect(await orderRow(id)).toMatchObject(erased);
  // A token of before is still good here: the same request names the same order, whose row stays as it is.
  expect((await place()).json).toMatchObject({ id, status: "accepted" });
  expect((await call("GET", `/api/billing/orders/${id}`, { as: "premium" })).status).toBe(202);
  await expect.poll(async () => (await ledger()).waiting, SOON).toBe(0);
  expect(await orderRow(id)).toMatchObject(erased);
  const { accepted = 0, recorded = 0, rejected = 0, unaccounted } = await ledger();
  expect({ open: accepted - recorded - rejected, unaccounted }).toEqual({ open: 0, unaccounted: 0 });

  expect(await person("export", "premium")).toMatchObject({ code: 1 });
  const record = readFileSync(join(inject("local"), "logs/personal-data.log"), "utf8");
  const lines = record
    .trim()
    .split("\n")
    .map((line) => LogLine.parse(JSON.parse(line)));
  expect(lines.map(({ action }) => action)).toEqual(expect.arrayContaining(["export", "erase"]));
  expect(record).not.toContain(USERS.premium.sub);
});
