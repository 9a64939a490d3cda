import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LogLine } from "@cloud-design/core/log-line";
import { stateDirectory } from "@cloud-design/local/servers/state-directory";
import { MACHINE_CLIENT } from "@cloud-design/local/stand-ins/cognito/people";
import { beforeAll, expect, inject, it } from "vitest";
import { call, ops, platform } from "./client.ts";
import { tokenWith } from "./forge.ts";
import { linesOf } from "./log-lines.ts";
import { newUserId, publishForeign, untilSettled } from "./stores.ts";

const SERVERS = ["inventory-database", "billing-database", "rabbitmq"];
const OWN = Object.keys(platform.parts).filter((part) => !SERVERS.includes(part));
const directory = dirname(platform.parts.gateway?.log ?? "");
const read = (file: string) => readFileSync(join(directory, file), "utf8");

/** The planted texts, by their place in a request. */
const planted: [where: string, canary: string][] = [];
function plant(where: string): string {
  const canary = `canary${randomBytes(8).toString("hex")}`;
  planted.push([where, canary]);
  return canary;
}

/** A signed token: two JSON objects in base64url, each of which begins with `{"`. An id that contains "eyJ" by chance is not one. */
const TOKEN = /eyJ[\w-]{8,}\.eyJ[\w-]{8,}/;

const FORGED = '\r\n{"level":"error","service":"gateway","message":"forged"}\r\n';

/** One request for each place where a caller can put a text; most are refused. */
async function talk(when: string): Promise<void> {
  const at = (where: string) => plant(`${where}, ${when}`);
  const movie = () => ({ title: at("a title") + FORGED, description: at("a description") + FORGED });
  const order = { user_id: newUserId(), number_of_items: 1, total_amount: "1" };
  const claims = { sub: at("a subject"), scope: at("a scope") };
  const requests: Parameters<typeof call>[] = [
    ["POST", "/api/movies", { body: movie(), headers: { "idempotency-key": at("a movie's key") } }],
    ["PUT", "/api/movies/1", { body: movie() }],
    ["POST", "/api/movies", { body: { ...movie(), [at("a field")]: at("its value") } }],
    ["POST", "/api/movies", { body: `{"title": ${at("a body that is no JSON")}` }],
    ["GET", `/api/movies?title=${at("a query")}${encodeURIComponent(FORGED)}`],
    ["GET", `/api/movies?${at("a parameter")}=1&limit=${at("a limit")}&cursor=${at("a cursor")}`],
    ["GET", `/api/movies/${encodeURIComponent(FORGED)}`],
    ["GET", `/api/billing/orders/${encodeURIComponent(FORGED)}`],
    ["POST", "/api/billing", { body: order, headers: { "idempotency-key": at("an order's key") } }],
    ["POST", "/api/billing", { body: { ...order, user_id: at("a user id") + FORGED } }],
    ["POST", "/api/billing", { body: { ...order, total_amount: at("an amount"), [at("a field")]: 1 } }],
    [
      "POST",
      "/api/billing",
      { body: order, headers: { traceparent: at("a trace"), prefer: at("a preference") } },
    ],
    ["POST", "/api/billing", { body: order, type: at("a content type") }],
    ["GET", "/api/movies", { as: null, headers: { authorization: `Bearer ${at("a token")}` } }],
    ["GET", "/api/movies", { as: null, headers: { authorization: `Basic ${at("a password")}` } }],
    ["GET", "/api/movies", { as: null, headers: { authorization: `Bearer ${tokenWith(claims)}` } }],
    [
      "GET",
      "/api/status",
      { headers: { cookie: at("a cookie"), "user-agent": at("an agent"), "x-any": at("a header") } },
    ],
  ];
  await Promise.all(
    requests.map(async ([method, path, options]) => {
      await call(method, path, options);
      for (const service of ["inventory", "billing"])
        await call(method, path, { ...options, at: platform.parts[service]?.url }).catch(() => {});
    }),
  );
  await publishForeign({ ...order, user_id: at("a foreign order") }, { messageId: at("a message") }).catch(
    () => {},
  );
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: "machine",
    client_secret: at("a secret"),
  });
  await fetch(`${platform.parts.identity?.url}/oauth2/token`, { method: "POST", body });
}

async function talkInTrouble(): Promise<void> {
  const [databases, rest] = [
    ["inventory-database", "billing-database"],
    ["rabbitmq", "sqs", "inventory"],
  ];
  const all = (verb: "stop" | "start", parts: readonly string[]) =>
    Promise.all(parts.map((part) => ops(verb, part)));
  try {
    await all("stop", databases);
    await talk("without databases");
    await all("stop", rest);
    await talk("with no service behind the gateway");
  } finally {
    await all("start", [...databases, ...rest]);
  }
}

beforeAll(async () => {
  await talk("without an outage");
  await talkInTrouble();
  await untilSettled();
});

it("would notice: the outages are in the logs", () => {
  expect(read("inventory.log")).toContain("Failed query: ");
  expect(read("gateway.log")).toMatch(/"path":"\/api\/movies\/\\r\\n.*forged/);
  for (const part of ["billing", "order-bridge", "gateway", "inventory"])
    expect(
      linesOf(read(`${part}.log`)).filter(({ level }) => level === "warn"),
      part,
    ).not.toEqual([]);
  expect(planted.length).toBeGreaterThan(90);
});

it.each(OWN)("each line of %s is one JSON object of the common schema, and no caller wrote one", (part) => {
  const lines = linesOf(read(`${part}.log`));
  expect(lines).not.toEqual([]);
  for (const line of lines) {
    expect(LogLine.safeParse(line).error, JSON.stringify(line)).toBeUndefined();
    expect(line.message).not.toMatch(/^forged/);
  }
});

it.each(readdirSync(directory))("%s holds no token, no secret and no text of a caller", (file) => {
  const secrets: Record<string, string> = {
    ...JSON.parse(readFileSync(join(stateDirectory(inject("local")), "secrets.json"), "utf8")),
    "the machine's secret": MACHINE_CLIENT.secret,
  };
  const text = read(file);
  const found = [...planted, ...Object.entries(secrets)].filter(([, secret]) => text.includes(secret));
  expect(found).toEqual([]);
  expect(text).not.toMatch(TOKEN);
});

it("recognizes a token by its form, and does not take an id for one", () => {
  expect(tokenWith({ sub: "anybody" })).toMatch(TOKEN);
  expect("ord_eyJM2ImD8YiThnPpudiZy1k4BXQIEDkeyJKbamX").not.toMatch(TOKEN);
});
