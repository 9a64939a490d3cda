import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { LANE_NAMES } from "@cloud-design/core/billing/lanes";
import { parseJson } from "@cloud-design/core/json";
import { PROBLEMS, type ProblemCode } from "@cloud-design/http";
import { expect, inject } from "vitest";
import * as z from "zod";
import { onPlatform } from "../repository/typed-page.ts";
import { tokens } from "./tokens.ts";

export const platform = z
  .object({
    parts: z.record(z.string(), z.object({ url: z.string(), port: z.number(), log: z.string() })),
    databases: z.object({
      movies: z.object({ adminUrl: z.string() }),
      orders: z.object({ adminUrl: z.string() }),
    }),
    broker: z.object({ url: z.string() }),
    queues: z.object({
      orders: z.string(),
      lanes: z.record(z.enum(LANE_NAMES), z.string()),
      deadLetters: z.string(),
    }),
    identity: z.object({ issuer: z.string() }),
  })
  .parse(inject("platform"));

/** A command or address of the documentation, with the ports of this platform. */
export function onThisPlatform(text: string): string {
  return onPlatform(inject("local"), text);
}

/** How long a test waits for an expected event. */
export const SOON = { timeout: 60_000, interval: 50 };

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** Undefined when the body is not JSON. */
  json: unknown;
}

export interface CallOptions {
  /** `null` sends no token. */
  as?: keyof typeof tokens | null;
  headers?: Record<string, string>;
  /** Text and bytes are sent as they are, a stream in chunks, any other value as JSON. */
  body?: unknown;
  /** `null` sends no content type. */
  type?: string | null;
  /** Another server than the gateway. */
  at?: string;
}

export async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const {
    as = "ordinary",
    headers = {},
    body,
    type = "application/json",
    at = inject("gatewayUrl"),
  } = options;
  const response = await fetch(at + path, {
    method,
    redirect: "manual",
    headers: {
      ...(as && { authorization: `Bearer ${tokens[as]}` }),
      ...(body !== undefined && type !== null && { "content-type": type }),
      ...headers,
    },
    ...(body !== undefined && { body: payloadOf(body), duplex: "half" }),
  });
  return toAnswer(response.status, response.headers, await response.text());
}

export function toAnswer(status: number, headers: Headers, text: string): Answer {
  return { status, headers, text, json: parseJson(text) };
}

/** The parts of an answer that could inform a caller: all but the time, the request's own id and trace, and the headers of the connection. */
export function tellingOf({ status, headers, text }: Answer): object {
  const own = ["apigw-requestid", "connection", "date", "keep-alive", "traceresponse"];
  return { status, text, headers: [...headers].filter(([name]) => !own.includes(name)) };
}

function payloadOf(body: unknown): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
  if (body instanceof ReadableStream) return body;
  if (body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

/** Texts that an error must never show. */
const INTERNALS =
  /\bat \S+ \(|\.[jt]s\b|node:|node_modules|zod|hono|drizzle|postgres|amqplib|undici|\w+Error\b/i;

export function expectNothingOfTheInside({ text }: Answer): void {
  expect(text).not.toMatch(INTERNALS);
}

/** A problem (RFC 9457) that the docs describe, with the headers that its status requires. */
export function expectProblem(answer: Answer, code: ProblemCode): void {
  const { status, title } = PROBLEMS[code];
  expect(answer.json ?? answer.text).toMatchObject({
    type: expect.stringMatching(new RegExp(`^https?://[^/]+/problems/${code}$`)),
    title,
    status,
    detail: expect.stringMatching(/\w/),
  });
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expectNothingOfTheInside(answer);
  if (status === 401) expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer\b/);
  if (status === 405) expect(answer.headers.get("allow")).toMatch(/^[A-Z]+(, [A-Z]+)*$/);
  if (status === 503) expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
}

const Created = z.object({ id: z.union([z.number(), z.string()]).transform(String) });

/** The id of the created resource. */
export function idOf(answer: Answer): string {
  return Created.parse(answer.json ?? answer.text).id;
}

const Errors = z.object({ errors: z.array(z.object({ field: z.string(), detail: z.string().min(1) })) });

/** The fields that a problem names, each once. */
export function fieldsOf({ json }: Answer): string[] {
  return [...new Set(Errors.parse(json).errors.map(({ field }) => field))];
}

const Movies = z.array(z.strictObject({ id: z.number(), title: z.string(), description: z.string() }));

/** The titles in a list, whose items must be movies. */
export function titlesIn(answer: Answer): string[] {
  return Movies.parse(answer.json ?? answer.text).map(({ title }) => title);
}

const cli = join(import.meta.dirname, "../../../cli/src/cli.ts");

export async function ops(verb: "stop" | "start" | "restart", part: string): Promise<void> {
  await promisify(execFile)(process.execPath, [cli, "ops", verb, part], {
    env: { ...process.env, CLOUD_DESIGN_LOCAL: inject("local") },
  });
}

/** Stops a part; it starts again at the end of the block at the latest. */
export async function stopped(part: string): Promise<AsyncDisposable & { start(): Promise<void> }> {
  await ops("stop", part);
  const start = () => ops("start", part);
  return { start, [Symbol.asyncDispose]: start };
}
