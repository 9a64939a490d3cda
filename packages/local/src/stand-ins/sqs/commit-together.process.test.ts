import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { buildApp } from "fauxqs";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../../servers/temporary-directory.ts";
import { commitTogether } from "./commit-together.ts";

it("answers a request once its changes are on disk, and those of one turn at the same time", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "changes.db");
  using database = new DatabaseSync(file);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("CREATE TABLE changes (id INTEGER)");
  using other = new DatabaseSync(file, { readOnly: true });
  const onDisk = () => other.prepare("SELECT count(*) AS count FROM changes").get()?.count;
  const app = buildApp({ logger: false });
  commitTogether(app, database);
  let seen: unknown;
  app.post("/change", async () => {
    database.exec("INSERT INTO changes VALUES (1)");
    seen = onDisk();
    return {};
  });
  const change = () => app.inject({ method: "POST", url: "/change" });

  const answers = [change(), change()];
  // Without the transaction the second request would see the first change.
  expect((await answers[0])?.statusCode).toBe(200);
  expect(seen).toBe(0);
  expect(onDisk()).toBe(2);
  await answers[1];

  await change();
  expect(onDisk()).toBe(3);
  await app.close();
});
