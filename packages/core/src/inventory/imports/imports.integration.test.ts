import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeEach, describe, expect, inject, test } from "vitest";
import { openDatabase } from "../../database.ts";
import { lead, sweepAsLeader } from "../../leader.ts";
import {
  createImport,
  failImport,
  freeSlot,
  IMPORTS_OPEN_MAX,
  importFromId,
  isChunkWanted,
  loadChunk,
  planImport,
  type Slot,
  SWEEPS,
  startImport,
  takeSlot,
} from "../index.ts";
import { digestOf } from "./movie-digest.ts";

const admin = postgres(inject("adminUrl").replace(/postgres$/, "movies"), { max: 2, onnotice: () => {} });
const database = openDatabase({ url: inject("moviesUrl"), name: "test" });
beforeEach(async () => {
  await admin`TRUNCATE movies, imports, import_chunks`;
  await admin`UPDATE import_slots SET free_at = '-infinity'`;
});
afterAll(() => Promise.all([admin.end(), database.close()]));

const sha256 = "ab".repeat(32);
const body = { format: "csv", bytes: 1_000, sha256 } as const;
const create = async () => (await database.run((db) => createImport(db, body, "ann"))).id;
const read = (id: string, owner = "ann") => database.run((db) => importFromId(db, id, owner));
const plan = (id: string, chunks: number, rows: number, file = sha256) =>
  database.run((db) => planImport(db, id, { sha256: file, chunks, rows, bad: 1, duplicates: 2 }));
const take = () => database.run(takeSlot);

/** A slot, also when the budget of this second is used up. */
async function slot(): Promise<Slot> {
  await admin`UPDATE import_slots SET free_at = '-infinity'`;
  const taken = await take();
  if (!taken) throw new Error("no slot is free");
  return taken;
}

function contentOf(first: number, rows: number): string {
  return Array.from({ length: rows }, (_, index) => {
    const movie = { title: `Film ${first + index}`, description: 'Tati\'s "Playtime",\nagain\\' };
    return `${JSON.stringify({ ...movie, digest: digestOf(movie) })}\n`;
  }).join("");
}

/** Ten movies a chunk, all different. */
async function load(id: string, chunk: number, options: { slot?: Slot; file?: string; first?: number } = {}) {
  const { slot: taken = await slot(), file = sha256, first = chunk * 10 } = options;
  const content = contentOf(first, 10);
  return database.run((db) => loadChunk(db, { importId: id, sha256: file, chunk, rows: 10, content }, taken));
}

const titles = async () => (await admin`SELECT title FROM movies ORDER BY id`).map(({ title }) => title);

test("an announced import awaits its upload, and only its owner can read it", async () => {
  const id = await create();
  expect(await read(id)).toEqual({
    id,
    state: "awaiting_upload",
    format: "csv",
    bytes: 1_000,
    rows: { done: 0, added: 0 },
    created_at: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  expect(await read(id, "bob")).toBeUndefined();
  expect(await read(randomUUID())).toBeUndefined();
});

test.each([
  ["never_uploaded", "NULL"],
  ["stalled", "now() - interval '2 hours'"],
])("an import without progress for an hour has failed, until it goes on: %s", async (reason, startedAt) => {
  const id = await create();
  await admin.unsafe(
    `UPDATE imports SET progressed_at = now() - interval '59 minutes', started_at = ${startedAt}`,
  );
  expect(await read(id)).not.toMatchObject({ state: "failed" });
  await admin`UPDATE imports SET progressed_at = now() - interval '61 minutes'`;
  expect(await read(id)).toMatchObject({ state: "failed", reason });
  await load(id, 0);
  expect(await read(id)).toMatchObject({ state: "running" });
});

test("an import goes from its upload to its last chunk", async () => {
  const id = await create();
  await database.run((db) => startImport(db, id));
  expect(await read(id)).toMatchObject({ state: "queued" });
  await plan(id, 2, 20);
  expect(await read(id)).toMatchObject({ state: "queued", rows: { total: 20, bad: 1, duplicates: 2 } });
  expect(await load(id, 1)).toBe("loaded");
  expect(await read(id)).toMatchObject({ state: "running", rows: { done: 10, total: 20 } });
  expect(await load(id, 0)).toBe("loaded");
  expect(await read(id)).toMatchObject({ state: "done", rows: { done: 20, added: 20, total: 20 } });
  expect(await admin`SELECT title, description FROM movies WHERE title = 'Film 7'`).toEqual([
    { title: "Film 7", description: 'Tati\'s "Playtime",\nagain\\' },
  ]);
});

test("an owner has a bounded number of open imports, of which those without progress for an hour do not count", async () => {
  const ids: string[] = [];
  for (let number = 0; number < IMPORTS_OPEN_MAX; number++) ids.push(await create());
  await expect(create()).rejects.toThrow(`You have ${IMPORTS_OPEN_MAX} imports that have not ended`);
  await expect(database.run((db) => createImport(db, body, "bob"))).resolves.toMatchObject({ format: "csv" });
  await database.run((db) => failImport(db, ids[0] ?? "", "payload_gone"));
  await create();
  await expect(create()).rejects.toThrow("which is the most");
  await admin`UPDATE imports SET progressed_at = now() - interval '61 minutes' WHERE id = ${ids[1] ?? ""}`;
  await create();
});

test("a second plan that cuts the file differently changes nothing: its chunks are not the loaded ones", async () => {
  const id = await create();
  await plan(id, 4, 40);
  for (const chunk of [0, 1]) await load(id, chunk);
  await plan(id, 2, 40);
  expect(await read(id)).toMatchObject({ state: "running", rows: { total: 40, done: 20 } });
  for (const chunk of [2, 3]) await load(id, chunk);
  expect(await read(id)).toMatchObject({ state: "done", rows: { done: 40 } });
});

test("the sweep and the count of open imports read a few blocks of a large table", async () => {
  await admin`
    INSERT INTO imports (owner, format, bytes, sha256, ended_at)
    SELECT 'o' || i, 'csv', 1, ${sha256}, now() FROM generate_series(1, 20000) AS i`;
  await admin`ANALYZE imports`;
  const [, sweep = ""] = /IN \((.*)\)$/s.exec(SWEEPS.imports) ?? [];
  for (const query of [sweep, "SELECT count(*) FROM imports WHERE owner = 'ann' AND ended_at IS NULL"]) {
    const [row] = await admin.unsafe(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${query}`);
    const { Plan } = row?.["QUERY PLAN"][0] ?? {};
    expect(Plan["Shared Hit Blocks"] + Plan["Shared Read Blocks"], query).toBeLessThan(20);
  }
});

test("messages in any order, and twice, give the same end", async () => {
  const id = await create();
  for (const chunk of [2, 0, 1]) expect(await load(id, chunk)).toBe("loaded");
  expect(await load(id, 2)).toBe("unwanted");
  expect(await read(id)).toMatchObject({ state: "running", rows: { done: 30 } });
  await plan(id, 3, 30);
  const done = await read(id);
  expect(done).toMatchObject({ state: "done", rows: { done: 30, added: 30, total: 30 } });
  await plan(id, 3, 30);
  await database.run((db) => startImport(db, id));
  await database.run((db) => failImport(db, id, "payload_gone"));
  expect(await load(id, 1)).toBe("unwanted");
  expect(await read(id)).toEqual(done);
  expect(await titles()).toHaveLength(30);
});

test("an import without rows is done at once", async () => {
  const id = await create();
  await plan(id, 0, 0);
  expect(await read(id)).toMatchObject({ state: "done", rows: { done: 0, total: 0, bad: 1 } });
});

test("a failed import keeps its loaded movies and loads no more", async () => {
  const id = await create();
  await load(id, 0);
  await database.run((db) => failImport(db, id, "payload_gone"));
  expect(await load(id, 1)).toBe("unwanted");
  expect(await read(id)).toMatchObject({ state: "failed", reason: "payload_gone", rows: { done: 10 } });
  expect(await titles()).toHaveLength(10);
});

test("a load in flight does not reopen an import that fails meanwhile, and neither does a repeated plan", async () => {
  const id = await create();
  const loading = await admin.begin(async (tx) => {
    const [{ pid } = {}] = await tx`SELECT pg_backend_pid() AS pid`;
    await tx`UPDATE imports SET failure = 'payload_gone', ended_at = now() WHERE id = ${id}`;
    const loading = load(id, 0);
    const held = () => admin`SELECT FROM pg_stat_activity WHERE ${pid} = ANY (pg_blocking_pids(pid))`;
    await expect.poll(held).toHaveLength(1);
    return { end: loading };
  });
  expect(await loading.end).toBe("loaded");
  await plan(id, 1, 10);
  expect(await read(id)).toMatchObject({ state: "failed", reason: "payload_gone" });
  expect(await admin`SELECT ended_at IS NULL AS is_open FROM imports`).toEqual([{ is_open: false }]);
});

test("a plan leaves the failure of an import as it is", async () => {
  const id = await create();
  await admin`UPDATE imports SET failure = 'payload_gone' WHERE id = ${id}`;
  await plan(id, 1, 10);
  expect(await read(id)).toMatchObject({ state: "failed", reason: "payload_gone" });
});

test("nothing is loaded from a file that is not the announced one", async () => {
  const id = await create();
  const other = "cd".repeat(32);
  expect(await load(id, 0, { file: other })).toBe("unwanted");
  await plan(id, 1, 10, other);
  expect(await read(id)).toMatchObject({ state: "failed", reason: "checksum_mismatch", rows: { done: 0 } });
  expect(await titles()).toEqual([]);
});

test("a chunk is wanted until it is loaded or its import has ended, and only of the announced file", async () => {
  const id = await create();
  const wanted = (chunk: number, file = sha256) =>
    database.run((db) => isChunkWanted(db, { importId: id, sha256: file, chunk }));
  await load(id, 0);
  expect([await wanted(0), await wanted(1), await wanted(1, "cd".repeat(32))]).toEqual([false, true, false]);
  await database.run((db) => failImport(db, id, "payload_gone"));
  expect(await wanted(1)).toBe(false);
});

test("the same movies in another import add nothing; a movie of the API and a deleted one do not count", async () => {
  const [first, second, third] = [await create(), await create(), await create()];
  await load(first, 0);
  await load(second, 0);
  await plan(second, 1, 10);
  expect(await read(second)).toMatchObject({ state: "done", rows: { done: 10, added: 0 } });
  await admin`DELETE FROM movies WHERE title IN ('Film 3', 'Film 4')`;
  await admin`INSERT INTO movies (title, description) VALUES ('Film 3', '')`;
  await load(third, 0);
  expect(await read(third)).toMatchObject({ rows: { done: 10, added: 2 } });
  expect(await titles()).toHaveLength(11);
});

test("loaders of one import at the same time lose no count, and no movie is added twice", async () => {
  const ids = [await create(), await create()];
  await Promise.all(ids.map((id) => plan(id, 20, 200)));
  await admin`INSERT INTO import_slots (slot) SELECT generate_series(100, 299)`;
  try {
    const slots = await Promise.all(Array.from({ length: 80 }, take));
    // Each chunk of each import arrives twice, and the two imports overlap by half of each chunk.
    const loads = slots.map((taken, index) => {
      const [id = "", chunk] = [ids[index % 2], index >> 2];
      return load(id, chunk, { slot: taken as Slot, first: chunk * 10 + (index % 2) * 5 });
    });
    expect(await Promise.all(loads)).toEqual(slots.map(() => expect.stringMatching(/^(loaded|unwanted)$/)));
    const [one, other] = await Promise.all(ids.map((id) => read(id)));
    for (const end of [one, other]) expect(end).toMatchObject({ state: "done", rows: { done: 200 } });
    expect((one?.rows.added ?? 0) + (other?.rows.added ?? 0)).toBe(205);
    const all = await titles();
    expect(all).toHaveLength(205);
    expect(new Set(all).size).toBe(205);
  } finally {
    await admin`DELETE FROM import_slots WHERE slot >= 100`;
  }
});

test("an import is deleted 30 days after its last progress, with the marks of its chunks; its movies stay", async () => {
  const [old, young] = [await create(), await create()];
  await load(old, 0);
  await load(young, 1);
  await admin`UPDATE imports SET progressed_at = now() - interval '29 days' WHERE id = ${young}`;
  await admin`UPDATE imports SET progressed_at = now() - interval '31 days' WHERE id = ${old}`;
  await admin`UPDATE leases SET expires_at = '-infinity'`;
  const epoch = (await database.run((db) => lead(db, "test"))) ?? 0;
  expect(await database.run((db) => sweepAsLeader(db, epoch, SWEEPS.imports ?? ""))).toBe(1);
  expect([await read(old), (await read(young))?.state]).toEqual([undefined, "failed"]);
  expect(await admin`SELECT chunk FROM import_chunks`).toEqual([{ chunk: 1 }]);
  expect(await titles()).toHaveLength(20);
});

describe("the budget", () => {
  const budget = async () => Number((await admin`SELECT count(*) FROM import_slots`)[0]?.count);

  test("is shared by any number of loaders: each slot is taken once", async () => {
    const taken = await Promise.all(Array.from({ length: 50 }, take));
    const slots = taken.flatMap((slot) => (slot ? [slot.slot] : []));
    expect(slots.toSorted()).toEqual(Array.from({ length: await budget() }, (_, index) => index + 1));
  });

  test("a slot is free half a second after its taking when its chunk is loaded, and after 10 s when its loader was killed", async () => {
    const [loaded, killed] = [await slot(), await take()];
    await load(await create(), 0, { slot: loaded });
    const seconds = Object.fromEntries(
      (await admin`SELECT slot, extract(epoch FROM free_at - now())::float AS seconds FROM import_slots`).map(
        (row) => [row.slot, row.seconds],
      ),
    );
    expect(seconds[loaded.slot]).toBeLessThanOrEqual(0.5);
    expect(seconds[killed?.slot ?? 0]).toBeGreaterThan(5);
    expect(seconds[killed?.slot ?? 0]).toBeLessThanOrEqual(10);
  });

  test("a slot for which nothing was loaded is free at once, for its holder alone", async () => {
    const taken = await slot();
    await admin`UPDATE import_slots SET free_at = now() + interval '1 hour' WHERE slot <> ${taken.slot}`;
    await database.run((db) => freeSlot(db, { ...taken, lease: taken.lease - 1 }));
    expect(await take()).toBeUndefined();
    await database.run((db) => freeSlot(db, taken));
    expect(await take()).toEqual({ slot: taken.slot, lease: taken.lease + 1 });
  });

  test("a loader that was slower than its lease loads nothing once another has its slot", async () => {
    const id = await create();
    const late = await slot();
    await admin`UPDATE import_slots SET free_at = now() + interval '1 hour' WHERE slot <> ${late.slot}`;
    await admin`UPDATE import_slots SET free_at = now() WHERE slot = ${late.slot}`;
    const next = await take();
    expect(next).toEqual({ slot: late.slot, lease: late.lease + 1 });
    expect(await load(id, 0, { slot: late })).toBe("late");
    expect(await titles()).toEqual([]);
    expect(await load(id, 0, { slot: next as Slot })).toBe("loaded");
    expect(await read(id)).toMatchObject({ rows: { done: 10 } });
  });
});
