import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "@cloud-design/traces/store/store";
import { NOON, orderWay, spanOf } from "@cloud-design/traces/testing/spans";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory } from "../../servers/temporary-directory.ts";

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => directory[Symbol.asyncDispose]());

const request = (startMs = NOON) => spanOf({ service: "gateway", name: "GET /", kind: "server", startMs });

test("keeps its spans over a restart, in the order of their start", () => {
  const way = orderWay("ord_1").accept().handOver().process("recorded");
  const first = openStore(directory.path);
  first.add(way.spans.toReversed());
  first.close();
  const second = openStore(directory.path);
  expect(second.ofOrder("ord_1")).toEqual(way.spans);
  second.close();
});

test("drops the oldest spans when it is full, with a limit for spans of orders and another for the others", () => {
  const store = openStore(directory.path, { spansMax: { ofOrders: 8, others: 10 } });
  store.add(orderWay("ord_1").accept().handOver().process("recorded").spans);
  const others = Array.from({ length: 25 }, (_, second) => request(NOON + second));
  for (const span of others) store.add([span]);
  expect(others.filter(({ traceId }) => store.ofTrace(traceId).length === 1)).toEqual(others.slice(15));
  expect(store.ofOrder("ord_1")).toHaveLength(4);
  for (const id of ["ord_2", "ord_3"]) store.add(orderWay(id).accept().handOver().process("recorded").spans);
  expect(store.count()).toBe(18);
  expect(store.recentOrders(5)).toEqual(["ord_3", "ord_2"]);
  store.close();
});

test.each([
  [
    "a file that is not a database",
    (path: string) => writeFile(path, "no database at all, but long enough to be read"),
  ],
  [
    "the file of another version",
    (path: string) => {
      const other = new DatabaseSync(path);
      other.exec("CREATE TABLE spans (name TEXT); PRAGMA user_version = 99");
      other.close();
    },
  ],
  [
    "a file that is damaged in its middle",
    async (path: string) => {
      const store = openStore(dirname(path));
      store.add(Array.from({ length: 500 }, () => request()));
      store.close();
      const bytes = await readFile(path);
      await writeFile(path, bytes.fill(0xff, bytes.length / 2));
    },
  ],
])("starts with a new file in place of %s", async (_, spoil) => {
  await spoil(join(directory.path, "spans.sqlite"));
  const store = openStore(directory.path);
  store.add([request()]);
  expect(store.count()).toBe(1);
  store.close();
});

test("keeps its spans in memory if it cannot open a file, and says why", async () => {
  const path = join(directory.path, "a file");
  await writeFile(path, "in the place of the folder");
  const errors: unknown[] = [];
  const store = openStore(path, { onNoFile: (error) => errors.push(error) });
  store.add([request()]);
  expect(store.count()).toBe(1);
  expect(errors).toEqual([expect.objectContaining({ code: "EEXIST" })]);
  store.close();
});

test("goes on after spans that it could not store, and drops the whole batch", () => {
  const store = openStore(directory.path);
  expect(() => store.add([request(), { ...request(), name: Symbol() as never }])).toThrow();
  store.add([request()]);
  expect(store.count()).toBe(1);
  store.close();
});

test("names the orders with the latest spans, each once", () => {
  const store = openStore(directory.path);
  for (const id of ["ord_1", "ord_2", "ord_3"]) store.add(orderWay(id).accept().spans);
  store.add(orderWay("ord_1").accept().spans);
  store.add(Array.from({ length: 50 }, () => request()));
  expect(store.recentOrders(2)).toEqual(["ord_1", "ord_3"]);
  store.close();
});

test("returns no more spans of one trace than a screen can show", () => {
  const store = openStore(directory.path);
  const { traceId } = request();
  store.add(Array.from({ length: 3_000 }, () => ({ ...request(), traceId })));
  expect(store.ofTrace(traceId)).toHaveLength(2_000);
  store.close();
});
