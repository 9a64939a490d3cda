import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { films } from "@cloud-design/local/seed/films";
import { drain, listen } from "@cloud-design/local/stand-ins/stand-in";
import { type RecordedAws, startRecordedAws } from "@cloud-design/stage/testing/recorded-aws";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { recordedStage, STAGE, stackOf } from "../testing/recorded-stage.ts";
import { typeCommand } from "../testing/type-command.ts";

const ALL = (await films({ all: false })).length;
const LOAD = "3d2c42e5-aac5-4a80-a825-da76410c1812";
const IMPORT = {
  ...{ id: "0c4f8a52-61a5-4d0e-9d3f-0d5f0f5b8c11", state: "awaiting_upload", format: "ndjson", bytes: 1 },
  ...{ rows: { done: 0, added: 0 }, created_at: "2026-12-01T10:00:00.000Z" },
};

let aws: RecordedAws;
let site: Server;
let siteUrl: string;
let directory: string;
let tokens: number;
/** By idempotency key, as the store would keep them. */
let stored: Map<string, { title: string }>;
/** The site's answer before it accepts any request. */
let refusals: { status: number; headers?: Record<string, string>; body: string }[];
let readable: unknown[];
/** The statuses of the next answers of S3, and of those about an import; otherwise they are good. */
let uploads: number[];
let polls: number[];

beforeEach(async () => {
  [tokens, stored, refusals, readable, uploads, polls] = [0, new Map(), [], [], [], []];
  site = createServer(async (request, response) => {
    const body = await text(request);
    const { method, url, headers } = request;
    if (url === "/oauth2/token") {
      tokens++;
      return response.end(JSON.stringify({ access_token: `token-${tokens}` }));
    }
    if (url === "/s3") return response.writeHead(uploads.shift() ?? 204).end();
    if (url === "/api/imports")
      return response.end(
        JSON.stringify({ ...IMPORT, upload: { url: `${siteUrl}/s3`, fields: {}, valid_seconds: 300 } }),
      );
    if (url === `/api/imports/${IMPORT.id}`)
      return response.writeHead(polls.shift() ?? 200).end(JSON.stringify({ ...IMPORT, state: "done" }));
    if (method === "GET") return response.end(JSON.stringify(readable));
    const refusal = refusals.shift();
    if (refusal) return response.writeHead(refusal.status, refusal.headers).end(refusal.body);
    if (headers.authorization !== `Bearer token-${tokens}`) return response.writeHead(401).end("{}");
    stored.set(String(headers["idempotency-key"]), JSON.parse(body));
    response.end("{}");
  });
  siteUrl = `http://127.0.0.1:${await listen(site, 0)}`;
  directory = mkdtempSync(join(tmpdir(), "seed-"));
  aws = await startRecordedAws(recordedStage({ queueUrl: "http://queue", siteUrl, signInUrl: siteUrl }));
});
afterEach(async () => {
  rmSync(directory, { recursive: true });
  await drain(site, 1);
  await aws[Symbol.asyncDispose]();
});

const seed = (...args: string[]) =>
  typeCommand(["seed", "--stage", STAGE, ...args], aws.url, { CLOUD_DESIGN_LOCAL: directory });
const note = () => join(directory, `seed-${STAGE}-best-800.json`);
/** The state after a load that was interrupted there: 400 seconds are too long for a test. */
function leaveOffAt(next: number, at = siteUrl): void {
  readable = [{ id: 1 }];
  writeFileSync(note(), JSON.stringify({ siteUrl: at, load: LOAD, next }));
}

describe("npm run seed -- --stage", () => {
  it("continues where it was interrupted, under the same keys, and says how long it takes and why", async () => {
    leaveOffAt(ALL - 9);
    const { code, stdout, stderr } = await seed();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(
      "Going on after 791. 9 films at 8 a second take 2 seconds: the firewall lets 3,000 requests through in 5 minutes from one address.\nThe demo data is loaded.\n",
    );
    expect([...stored.keys()].toSorted()).toEqual(
      Array.from({ length: 9 }, (_, index) => `${LOAD}-movie-${ALL - 9 + index}`),
    );
    const last = (await films({ all: false })).at(-1);
    expect(stored.get(`${LOAD}-movie-${ALL - 1}`)).toEqual(last);
    expect(() => readFileSync(note())).toThrow();
    expect(tokens).toBe(1);
  });

  it("waits as long as the answers say, gets a new token once the last has expired, and loses no film", async () => {
    leaveOffAt(ALL - 3);
    refusals = [
      { status: 429, headers: { "retry-after": "1" }, body: '{"message":"Too Many Requests"}' },
      { status: 401, body: "{}" },
      { status: 503, headers: { "retry-after": "2" }, body: "{}" },
    ];
    const { code, stdout } = await seed();
    expect(code).toBe(0);
    expect(stdout).toContain("answered with 429: waiting for 1 s\n");
    expect(stdout).toContain("answered with 503: waiting for 2 s\n");
    expect(stored.size).toBe(3);
    expect(tokens).toBe(2);
  });

  it("stops at an answer that a repetition cannot change, and keeps its progress", async () => {
    leaveOffAt(ALL - 1);
    refusals = [{ status: 422, body: '{"title":"Not valid"}' }];
    expect(await seed()).toMatchObject({
      code: 1,
      stderr: 'A request was answered with 422: {"title":"Not valid"}\n',
    });
    expect(JSON.parse(readFileSync(note(), "utf8"))).toMatchObject({ next: ALL - 1 });
  });

  it("does not change a store with films, even if another site's load was interrupted", async () => {
    leaveOffAt(5, "https://elsewhere.example.com");
    expect(await seed()).toEqual({
      code: 0,
      stdout: `There are films in ${STAGE} already: an administrator can delete them (DELETE /api/movies).\n`,
      stderr: "",
    });
    expect(stored.size).toBe(0);
  });

  it("ignores the progress of a load of other films", async () => {
    readable = [{ id: 1 }];
    const old = JSON.stringify({ siteUrl, load: LOAD, next: 1500 });
    writeFileSync(join(directory, `seed-${STAGE}.json`), old);
    expect((await seed()).stdout).toContain(`There are films in ${STAGE} already: `);
    expect(stored.size).toBe(0);
  });

  it("with --all imports the rest when the import before broke off, and goes on after a missed answer", async () => {
    uploads = [503];
    expect(await seed("--all")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("The films could not be imported: 503"),
    });
    readable = [{ id: 1 }];
    polls = [429, 503];
    expect(await seed("--all")).toMatchObject({ code: 0, stdout: "The demo data is loaded.\n" });
    expect((await seed("--all")).stdout).toContain(`There are films in ${STAGE} already: `);
  });

  it("asks for a deployment if the stage was deployed before the client of this command existed", async () => {
    aws.answers.DescribeStacks = stackOf("any", "UPDATE_COMPLETE", {
      SiteUrl: siteUrl,
      SignInUrl: siteUrl,
      UserPoolId: "us-east-1_Pool",
      WebClientId: "web-1",
      MachineClientId: "machine-1",
    });
    expect(await seed()).toEqual({
      code: 1,
      stdout: "",
      stderr: `The stage ${STAGE} has no SeedClientId yet: deploy this stage first, \`npm run deploy -- --stage ${STAGE}\`.\n`,
    });
    const machine = await typeCommand(["token", "machine", "--stage", STAGE], aws.url);
    expect(machine).toEqual({ code: 0, stdout: `token-${tokens}\n`, stderr: "" });
  });

  it("requires --yes for prod before anything else", async () => {
    expect(await typeCommand(["ops", "seed", "--stage", "prod"], aws.url)).toEqual({
      code: 1,
      stdout: "",
      stderr: "800 films of demo data would stand in the store of prod: add --yes if you mean it.\n",
    });
    expect(aws.asked).toEqual([]);
  });
});
