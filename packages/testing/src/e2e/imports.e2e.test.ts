import { createHash, randomUUID } from "node:crypto";
import { IMPORTS_OPEN_MAX, ImportAccepted, ImportSeen } from "@cloud-design/core/inventory";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type CallOptions, call, expectProblem, SOON, tellingOf, titlesIn } from "./client.ts";
import { endImports } from "./stores.ts";

beforeEach(endImports);

const sha256 = (file: string) => createHash("sha256").update(file).digest("hex");

async function announce(file: string, format: "csv" | "ndjson", as: CallOptions["as"] = "ordinary") {
  const body = { format, bytes: Buffer.byteLength(file), sha256: sha256(file) };
  const answer = await call("POST", "/api/imports", { as, body });
  expect(answer.status, answer.text).toBe(202);
  const accepted = ImportAccepted.parse(answer.json);
  expect(accepted.state).toBe("awaiting_upload");
  expect(answer.headers.get("location")).toBe(`/api/imports/${accepted.id}`);
  return accepted;
}

async function upload({ upload: { url, fields } }: ImportAccepted, file: string): Promise<number> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", new Blob([file]));
  return (await fetch(url, { method: "POST", body: form })).status;
}

/** The import once it is over. */
async function ended({ id }: ImportAccepted): Promise<ImportSeen> {
  return vi.waitFor(async () => {
    const seen = ImportSeen.parse((await call("GET", `/api/imports/${id}`)).json);
    if (seen.state !== "done" && seen.state !== "failed") throw new Error(`It is ${seen.state}.`);
    return seen;
  }, SOON);
}

async function imported(file: string, format: "csv" | "ndjson"): Promise<ImportSeen> {
  const accepted = await announce(file, format);
  expect(await upload(accepted, file)).toBe(204);
  return ended(accepted);
}

describe("an imported file", () => {
  it("goes in although three of a hundred rows are bad, which its report names", async () => {
    const run = randomUUID();
    const rows = Array.from({ length: 600 }, (_, row) =>
      row % 100 < 3 ? `,"untitled, ${row}"` : `"${run} ${row}","Said ""${row}"""`,
    );
    const seen = await imported(`title,description\n${rows.join("\n")}\n`, "csv");
    expect(seen).toMatchObject({
      state: "done",
      rows: { total: 582, done: 582, added: 582, bad: 18, duplicates: 0 },
    });
    const report = await (await fetch(seen.report ?? "")).text();
    const lines = report
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(18);
    expect(lines[0]).toEqual({ line: 2, reason: expect.stringContaining("title") });
    expect(titlesIn(await call("GET", `/api/movies?title=${run} 599`))).toEqual([`${run} 599`]);
  });

  it("adds nothing when it comes again", async () => {
    const run = randomUUID();
    const file = [1, 2, 2]
      .map((film) => `${JSON.stringify({ title: `${run} ${film}`, description: "" })}\n`)
      .join("");
    const rows = { total: 2, done: 2, bad: 0, duplicates: 1 };
    expect((await imported(file, "ndjson")).rows).toEqual({ ...rows, added: 2 });
    expect((await imported(file, "ndjson")).rows).toEqual({ ...rows, added: 0 });
    expect(titlesIn(await call("GET", `/api/movies?title=${run}`))).toHaveLength(2);
  });

  it("fails with a reason when its header names other columns", async () => {
    expect(await imported("name,text\nAlien,1979\n", "csv")).toMatchObject({
      state: "failed",
      reason: "bad_header",
    });
  });
});

describe("the form of an import", () => {
  const file = "title,description\nAlien,1979\n";

  it("takes the announced file and no other", async () => {
    const accepted = await announce(file, "csv");
    expect(await upload(accepted, file.replace("1979", "1986"))).toBe(400);
    expect(await upload(accepted, `${file}Aliens,1986\n`)).toBe(400);
    const other = await announce(file, "csv");
    const { key = "" } = other.upload.fields;
    const fields = { ...accepted.upload.fields, key };
    expect(await upload({ ...accepted, upload: { ...accepted.upload, fields } }, file)).toBe(403);
  });

  it.each([
    { bytes: 25 * 1024 * 1024 + 1 },
    { bytes: 0 },
    { format: "xml" },
    { sha256: "00" },
    { url: "http://x" },
  ])("is not given for %j", async (wrong) => {
    const body = { format: "csv", bytes: file.length, sha256: sha256(file), ...wrong };
    expectProblem(await call("POST", "/api/imports", { body }), "invalid-request");
  });
});

it("a caller with many open imports is told to wait, and another one is not", async () => {
  for (let open = 0; open < IMPORTS_OPEN_MAX; open++) await announce("x", "csv");
  const body = { format: "csv", bytes: 1, sha256: sha256("x") };
  const refused = await call("POST", "/api/imports", { body });
  expectProblem(refused, "invalid-request");
  expect(refused.text).toContain(`You have ${IMPORTS_OPEN_MAX} imports that have not ended`);
  await announce("x", "csv", "admin");
});

it("another caller's import looks the same as one that does not exist", async () => {
  const { id } = await announce("x", "csv");
  const others = await call("GET", `/api/imports/${id}`, { as: "premium" });
  expectProblem(others, "not-found");
  const unknown = await call("GET", `/api/imports/${randomUUID()}`, { as: "premium" });
  expect(tellingOf(others)).toEqual(tellingOf(unknown));
  expect(tellingOf(await call("GET", "/api/imports/none", { as: "premium" }))).toEqual(tellingOf(unknown));
});
