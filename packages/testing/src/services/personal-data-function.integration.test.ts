import { join } from "node:path";
import { LogLine } from "@cloud-design/core/log-line";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ADMIN,
  arnOf,
  asSuperuser,
  bundleFunction,
  empty,
  invoke,
  type Stage,
  startStage,
} from "./migrate-function.ts";

const OWNER = "0b7f3c52-6a0e-4f0f-9d6d-2a54e1b0c001";
const context = { awsRequestId: "request-1" };

let stage: Stage;
let bundle: string;
beforeAll(async () => {
  stage = await startStage();
  await empty(stage);
  await invoke(stage);
  bundle = await bundleFunction("personal-data", join(stage.directory, "personal-data"));
});
afterAll(() => stage[Symbol.asyncDispose]());

/** The lines that the function logs, and its answer behind them. */
async function ask(request: object, env: Record<string, string> = {}): Promise<string[]> {
  const call = `await handler(${JSON.stringify(request)}, ${JSON.stringify(context)})`;
  // The function keeps its connection for the next call, so its process must be ended.
  const code = `
    process.exitCode = 1;
    try {
      console.log(JSON.stringify(${call}));
      process.exitCode = 0;
    } catch (error) {
      console.error(error);
    }
    process.exit();`;
  return (await invoke(stage, { bundle, env, code })).trim().split("\n");
}

test("exports and erases an owner's rows as the administrator, and logs who asked for what, never whom", async () => {
  const values = `('ord_1', 3, 5, 180, '${OWNER}'), ('ord_2', 3, 5, 180, 'bob')`;
  await asSuperuser(
    stage,
    `INSERT INTO orders (id, user_id, number_of_items, total_amount, owner) VALUES ${values}`,
    "orders",
  );
  const [exportLine = "", exported = ""] = await ask({ action: "export", owner: OWNER, by: "arn:op" });
  expect(JSON.parse(exported)).toMatchObject({
    orders: [{ id: "ord_1", owner: OWNER, total_amount: "180.00" }],
    rejections: [],
    next: null,
  });
  const [eraseLine = "", erased = ""] = await ask({ action: "erase", owner: OWNER, by: "arn:op" });
  expect(JSON.parse(erased)).toEqual({ orders: 1, rejections: 0, next: null });
  const rows = await asSuperuser(stage, "SELECT id, owner, user_id FROM orders ORDER BY id", "orders");
  expect([...rows]).toEqual([
    { id: "ord_1", owner: null, user_id: 0 },
    { id: "ord_2", owner: "bob", user_id: 3 },
  ]);
  const recorded = { message: "personal data asked for", by: "arn:op", request_id: "request-1" };
  expect(LogLine.parse(JSON.parse(exportLine))).toMatchObject({ ...recorded, action: "export" });
  expect(LogLine.parse(JSON.parse(eraseLine))).toMatchObject({ ...recorded, action: "erase" });
  expect(exportLine + eraseLine).not.toContain(OWNER);
});

test.each<[string, object, Record<string, string>, string]>([
  ["a malformed request", { action: "erase", owner: "", by: "op" }, {}, "The request is malformed"],
  [
    "a database that is away",
    { action: "erase", owner: OWNER, by: "op" },
    { BILLING_DATABASE_URL: "postgres://127.0.0.1:1/postgres?sslmode=disable" },
    "The database does not answer.",
  ],
  [
    "a table that it may not change",
    { action: "erase", owner: OWNER, by: "op" },
    { BILLING_ADMIN_SECRET_ARN: arnOf("billing") },
    "The database does not answer.",
  ],
])("%s throws a sentence, without the person or a password", async (_, request, env, sentence) => {
  const said = await ask(request, env).then(
    () => "nothing",
    ({ stdout, stderr }) => `${stdout}${stderr}`,
  );
  expect(said).toContain(sentence);
  for (const secret of [OWNER, ADMIN.password]) expect(said).not.toContain(secret);
});
