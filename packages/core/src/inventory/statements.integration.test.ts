import { sql } from "drizzle-orm";
import { afterAll, expect, inject, test } from "vitest";
import { openDatabase } from "../database.ts";
import { create, fromId, list, remove, update } from "./index.ts";

const database = openDatabase({ url: inject("moviesUrl"), name: "test", connectionsMax: 1 });
afterAll(() => database.close());

test("a connection keeps one prepared statement for each verb, whatever the values", async () => {
  for (let number = 1; number <= 20; number++) {
    const body = { title: `Playtime ${number}`, description: "x".repeat(number) };
    await database.run(async (db) => {
      const { id } = await create(db, body, { owner: "ann" });
      await create(db, body, { owner: "ann", idempotencyKey: `statements-${number}` });
      await update(db, id, { ...body, title: "Traffic" });
      await fromId(db, id);
      await list(db, { limit: number });
      await list(db, { limit: number, cursor: [id] });
      await list(db, { limit: number, sort: "popular", cursor: [number, id] });
      await list(db, { limit: number, title: `time ${number}` });
      await remove(db, id);
    });
  }
  const statements = await database.run((db) =>
    db.execute<{ statement: string }>(sql`SELECT statement FROM pg_prepared_statements`),
  );
  expect(statements.map(({ statement }) => statement.slice(0, 20)).toSorted()).toEqual(
    ["delete", "insert", "select", "select", "select", "update", "with"].map((verb) =>
      expect.stringContaining(verb),
    ),
  );
});
