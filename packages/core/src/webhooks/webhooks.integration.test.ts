import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { type Database, openDatabase } from "../database.ts";
import { create, existing, fromId, list, ofOwners, remove, WEBHOOKS_MAX, type WebhookBody } from "./index.ts";

const admin = postgres(inject("adminUrl").replace(/postgres$/, "movies"), { max: 1, onnotice: () => {} });
const body: WebhookBody = {
  url: "https://shop.example/events",
  events: ["order.recorded", "order.rejected"],
};
let database: Database;

beforeAll(() => {
  database = openDatabase({ url: inject("moviesUrl"), name: "test" });
});
beforeEach(() => admin`TRUNCATE webhooks`);
afterAll(() => Promise.all([admin.end(), database.close()]));

const createFor = (owner: string) => database.run((db) => create(db, body, owner));

test("a webhook is read, listed and deleted by its owner alone", async () => {
  const webhook = await createFor("ann");
  expect(webhook).toMatchObject(body);
  expect(await database.run((db) => fromId(db, webhook.id, "ann"))).toEqual(webhook);
  expect(await database.run((db) => list(db, "ann"))).toEqual([webhook]);

  expect(await database.run((db) => fromId(db, webhook.id, "eve"))).toBeUndefined();
  expect(await database.run((db) => list(db, "eve"))).toEqual([]);
  expect(await database.run((db) => remove(db, webhook.id, "eve"))).toBeUndefined();

  expect(await database.run((db) => remove(db, webhook.id, "ann"))).toEqual(webhook);
  expect(await database.run((db) => remove(db, webhook.id, "ann"))).toBeUndefined();
});

test("a caller has no more than the limit, however many are created at once", async () => {
  const results = await Promise.allSettled(Array.from({ length: 3 * WEBHOOKS_MAX }, () => createFor("ann")));
  const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  expect(refused).toHaveLength(2 * WEBHOOKS_MAX);
  for (const error of refused)
    expect(error).toMatchObject({ code: "invalid", message: expect.stringContaining("Delete one") });
  await createFor("bob");

  const [first] = await database.run((db) => list(db, "ann"));
  await database.run((db) => remove(db, first?.id ?? "", "ann"));
  await createFor("ann");
  await expect(createFor("ann")).rejects.toMatchObject({ code: "invalid" });
});

test("the webhooks of several owners are found at once, and those that are deleted are not", async () => {
  const [one, two, other] = [await createFor("ann"), await createFor("ann"), await createFor("eve's \"")];
  await createFor("bob");
  const found = await database.run((db) => ofOwners(db, ["ann", "eve's \"", "nick"]));
  expect(new Map([...found].map(([owner, theirs]) => [owner, new Set(theirs.map(({ id }) => id))]))).toEqual(
    new Map([
      ["ann", new Set([one.id, two.id])],
      ["eve's \"", new Set([other.id])],
    ]),
  );
  await database.run((db) => remove(db, one.id, "ann"));
  expect(await database.run((db) => existing(db, [one.id, two.id]))).toEqual(new Set([two.id]));
});
