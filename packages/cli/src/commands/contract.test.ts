import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLIENT_DIRECTORY, type OpenApiDocument } from "@cloud-design/contract/document";
import { openApi } from "@cloud-design/contract/openapi";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeContract } from "./contract.ts";

const TODAY = "2026-11-26";
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cloud-design-contract-"));
  for (const path of ["openapi.json", "asyncapi.json", "CHANGES.md", "package.json", "bruno"])
    cpSync(join(CLIENT_DIRECTORY, path), join(directory, path), { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true }));

const read = (path: string) => readFileSync(join(directory, path), "utf8");
const write = (document: (version: string) => OpenApiDocument, reason?: string) =>
  writeContract({ directory, document, reason, today: TODAY });

function withoutStatus(version: string): OpenApiDocument {
  const document = openApi(version);
  delete document.paths["/api/status"];
  return document;
}

function withLaterField(version: string): OpenApiDocument {
  const document = openApi(version);
  Object(document.components.schemas.Movie).properties.later = { type: "string" };
  return document;
}

test("writes every file once, and then nothing", async () => {
  expect(await write(openApi)).toEqual(
    expect.arrayContaining(["postman_collection.json", "requests.http", "src/schema.ts"]),
  );
  expect(await write(openApi)).toEqual([]);
});

test("keeps the version for a change that does not break clients", async () => {
  const { version } = JSON.parse(read("openapi.json")).info;
  expect(await write(withLaterField)).toContain("openapi.json");
  expect(JSON.parse(read("openapi.json")).info.version).toBe(version);
  expect(read("src/schema.ts")).toContain("later");
});

test("refuses a change that breaks clients, names it, and writes no file", async () => {
  const before = read("openapi.json");
  await expect(write(withoutStatus)).rejects.toThrow(
    /GET \/api\/status: gone.*npm run contract -- --breaking "why"/s,
  );
  await expect(write(withoutStatus, "")).rejects.toThrow(/: gone/);
  expect(read("openapi.json")).toBe(before);
  expect(existsSync(join(directory, "src/schema.ts"))).toBe(false);
});

test("refuses a change that breaks the publishers of orders", async () => {
  const messages = JSON.parse(read("asyncapi.json"));
  messages.channels.refunds = { address: "refunds" };
  writeFileSync(join(directory, "asyncapi.json"), JSON.stringify(messages));
  await expect(write(openApi)).rejects.toThrow("The queue refunds is gone.");
});

test("accepts a breaking change with a reason: as a new major version, which CHANGES.md explains above the older ones", async () => {
  const manifest = JSON.parse(read("package.json"));
  const major = Number(manifest.version.split(".")[0]);
  await write(withoutStatus, "Nobody asks.");
  expect(JSON.parse(read("openapi.json")).info.version).toBe(`${major + 1}.0.0`);
  expect(JSON.parse(read("asyncapi.json")).info.version).toBe(`${major + 1}.0.0`);
  expect(JSON.parse(read("package.json")).version).toBe(`${major + 1}.0.0`);
  expect(existsSync(join(directory, "bruno/Health/getStatus.bru"))).toBe(false);
  expect(existsSync(join(directory, "bruno/Health/getLive.bru"))).toBe(true);

  await write((version) => ({ ...openApi(version), paths: {} }), "Everything moves.");
  const changes = read("CHANGES.md");
  expect(changes).toContain(
    `## ${major + 1}.0.0, ${TODAY}\n\nFrom ${manifest.version}: Nobody asks.\n\n- GET /api/status: gone.`,
  );
  expect(changes.indexOf("Everything moves.")).toBeLessThan(changes.indexOf("Nobody asks."));
});

test("refuses a reason if the change does not break clients", async () => {
  await expect(write(withLaterField, "A whim.")).rejects.toThrow(/leave --breaking out/);
});

test("refuses to undo a change that is committed already", async () => {
  await write(withLaterField);
  await expect(write(openApi)).rejects.toThrow(/never has later/);
});
