import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "@cloud-design/core/log";
import { createIdentity } from "@cloud-design/local/stand-ins/cognito/app";
import { signingKey } from "@cloud-design/local/stand-ins/cognito/signing-key";
import { openTokenScopes } from "@cloud-design/local/stand-ins/cognito/token-scopes";
import { drain, listen } from "@cloud-design/local/stand-ins/stand-in";
import { writePlatform } from "@cloud-design/local/supervisor/platform-file";
import { startTime } from "@cloud-design/local/supervisor/process-table";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "./token.ts";

let directory: string;
let server: Server;
let printed: string[];
let complaints: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "token-"));
  const key = await signingKey(directory);
  const siteUrl = "http://localhost:8090";
  const poolId = "eu-west-3_LocalPool";
  const tokenScopes = openTokenScopes(poolId);
  server = createIdentity({
    poolId,
    siteUrl,
    key,
    tokenScopes,
    isClosed: () => false,
    log: createLog("identity"),
  });
  const url = `http://localhost:${await listen(server, 0)}`;
  describePlatform(url);
  vi.stubEnv("CLOUD_DESIGN_LOCAL", directory);
  printed = [];
  complaints = [];
  vi.spyOn(console, "log").mockImplementation((line) => void printed.push(line));
  vi.spyOn(console, "error").mockImplementation((line) => void complaints.push(line));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await drain(server, 1);
  await rm(directory, { recursive: true });
});

describe("npm run token", () => {
  it.each([
    [[], { username: "ordinary", token_use: "access" }],
    [["admin"], { username: "admin", token_use: "access", "cognito:groups": ["admin"] }],
    [["premium", "--id"], { "cognito:username": "premium", token_use: "id", aud: "web" }],
    [["machine"], { client_id: "machine", token_use: "access" }],
  ])("with %j prints one token and nothing else", async (args, claims) => {
    expect(await run(args)).toBe(0);
    expect(printed).toHaveLength(1);
    expect(JSON.parse(Buffer.from(printed[0]?.split(".")[1] ?? "", "base64url").toString())).toMatchObject(
      claims,
    );
    expect(complaints).toEqual([]);
  });

  it("names the users when it is asked for an unknown one", async () => {
    expect(await run(["root"])).toBe(1);
    expect(complaints).toEqual([
      'There is no user "root": take reader, ordinary, premium, admin or machine.',
    ]);
    expect(printed).toEqual([]);
  });

  it("refuses an ID token for the machine client", async () => {
    expect(await run(["machine", "--id"])).toBe(1);
    expect(complaints.join()).toMatch(/^A machine has no ID token/);
  });

  it("says how to start the platform when it is not running", async () => {
    vi.stubEnv("CLOUD_DESIGN_LOCAL", join(directory, "nothing"));
    expect(await run([])).toBe(1);
    expect(complaints).toEqual(["The platform is not running. Start it with `npm start`."]);
  });

  it("says where to look when the issuer is stopped", async () => {
    describePlatform("http://127.0.0.1:1");
    expect(await run([])).toBe(1);
    expect(complaints.join()).toMatch(
      /^Nothing answers at http:\/\/127\.0\.0\.1:1\. See `npm run ops -- ps`/,
    );
  });
});

function describePlatform(identityUrl: string): void {
  const part = {
    state: "running",
    pid: 1,
    startedAt: "",
    port: 1,
    log: "",
    restarts: 0,
    stopSignal: "SIGTERM",
  };
  writePlatform(directory, {
    version: 1,
    supervisor: { pid: process.pid, startedAt: startTime(process.pid) ?? "" },
    state: "running",
    startedAt: new Date().toISOString(),
    control: "",
    parts: { identity: { ...part, url: identityUrl } },
  } as Parameters<typeof writePlatform>[1]);
}
