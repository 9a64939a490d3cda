import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { LogLine } from "@cloud-design/core/log-line";
import { freePorts, type Launched, launch } from "@cloud-design/lab/launch";
import { stateDirectory } from "@cloud-design/local/servers/state-directory";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { closedAccounts } from "@cloud-design/local/stand-ins/cognito/closed-accounts";
import { USERS } from "@cloud-design/local/stand-ins/cognito/people";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";

const SOON = { timeout: 60_000, interval: 200 };
const cli = join(import.meta.dirname, "../../../cli/src/cli.ts");

// A platform of its own: an order that another test has lost would keep the ledger from settling.
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let running: Launched;
let orders: postgres.Sql;
let token: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  running = await launch(directory.path, ["--no-seed", ...(await freePorts())]);
  const { databases } = z
    .object({ databases: z.object({ orders: z.object({ adminUrl: z.string() }) }) })
    .parse(running.platform);
  orders = postgres(databases.orders.adminUrl, { max: 1, onnotice: () => {} });
  token = (await signIn()).accessToken;
});
afterAll(async () => {
  await orders.end();
  running.child.kill("SIGTERM");
  await running.exited;
  await directory[Symbol.asyncDispose]();
});

function urlOf(part: string): string {
  return running.platform.parts[part]?.url ?? "";
}

const signIn = () => accessToken({ identityUrl: urlOf("identity"), user: "premium" });

async function orderRow(id: string): Promise<postgres.Row | undefined> {
  const [row] = await orders`SELECT * FROM orders WHERE id = ${id}`;
  return row;
}

async function person(...args: string[]): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, [cli, "ops", "person", ...args], {
    env: { ...process.env, CLOUD_DESIGN_LOCAL: directory.path },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, said: out + err };
}

async function ledger(): Promise<Record<string, number>> {
  const status = (await (await fetch(`${urlOf("site")}/status/status.json`)).json()) as {
    orders: Record<string, number>;
  };
  return status.orders;
}

it("erases a person when their last token has ended, and the ledger still finds each of their orders", async () => {
  const userId = 7;
  const order = { user_id: userId, number_of_items: 2, total_amount: "180.00" };
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(urlOf("gateway") + path, {
      ...init,
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "idempotency-key": "person",
      },
    });
  const place = async () => {
    const answer = await ask("/api/billing", { method: "POST", body: JSON.stringify(order) });
    return (await answer.json()) as { id: string };
  };
  const { id } = await place();
  await expect.poll(() => orderRow(id), SOON).toMatchObject({ owner: USERS.premium.sub, user_id: userId });
  const document = JSON.parse((await person("export", "premium", "--json")).said);
  expect(document.user.attributes).toEqual({ email: USERS.premium.email });
  expect(document.orders).toContainEqual(expect.objectContaining({ id, user_id: userId }));

  const refused = await person("erase", "premium", "--yes");
  expect(refused).toEqual({ code: 1, said: expect.stringMatching(/^premium can no longer sign in\./) });
  await expect(signIn()).rejects.toThrow("ended at /login/");
  expect(await orderRow(id)).toMatchObject({ owner: USERS.premium.sub });

  // As if the account had been closed half an hour ago.
  const identity = `${stateDirectory(directory.path)}/identity`;
  const accounts = closedAccounts(identity);
  const disabledAt = new Date(Date.parse(accounts.premium?.disabledAt ?? "") - 30 * 60_000).toISOString();
  writeFileSync(
    join(identity, "closed-accounts.json"),
    JSON.stringify({ premium: { disabledAt, isDeleted: false } }),
  );
  await expect.poll(() => person("erase", "premium", "--yes"), SOON).toMatchObject({ code: 0 });

  const erased = { user_id: 0, number_of_items: 2, total_amount: "180.00", owner: null, traceparent: null };
  expect(await orderRow(id)).toMatchObject(erased);
  // A token of before is still good here: the same request names the same order, whose row stays as it is.
  expect(await place()).toMatchObject({ id, status: "accepted" });
  expect((await ask(`/api/billing/orders/${id}`)).status).toBe(202);
  await expect.poll(async () => (await ledger()).waiting, SOON).toBe(0);
  expect(await orderRow(id)).toMatchObject(erased);
  const { accepted = 0, recorded = 0, rejected = 0, unaccounted } = await ledger();
  expect({ open: accepted - recorded - rejected, unaccounted }).toEqual({ open: 0, unaccounted: 0 });

  expect(await person("export", "premium")).toMatchObject({ code: 1 });
  const record = readFileSync(join(directory.path, "logs/personal-data.log"), "utf8");
  const lines = record
    .trim()
    .split("\n")
    .map((line) => LogLine.parse(JSON.parse(line)));
  expect(lines.map(({ action }) => action)).toEqual(expect.arrayContaining(["export", "erase"]));
  expect(record).not.toContain(USERS.premium.sub);
});
