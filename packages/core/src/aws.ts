import type { ClientRequest, IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Hash } from "@smithy/hash-node";
import { SignatureV4 } from "@smithy/signature-v4";
import * as z from "zod";
import { startAge } from "./age.ts";
import { parseJson } from "./json.ts";
import { DeadlineError, fullJitter } from "./retry.ts";

/** For so long the credentials of a task are used again. */
const SERVED_SECONDS = 60;

/** A service of AWS that speaks AWS JSON: each operation is a POST of its input. */
export interface AwsService {
  /** The end of the setting that names another endpoint: `AWS_ENDPOINT_URL_SQS`. */
  id: string;
  /** In the scope of a signature: `sqs`. */
  signingName: string;
  /** In `x-amz-target`, before the operation: `AmazonSQS`. */
  target: string;
  /** The version of AWS JSON. */
  version: "1.0" | "1.1";
  /** The origin of this URL is called unless the environment names another endpoint. */
  url: string;
  /** A slower answer counts as lost; the default is 2. */
  answerSeconds?: number;
  /** The default is 2: one repetition. */
  attemptsMax?: number;
}

/** Calls an operation. Rejects with `AwsError`, or with the failure of the connection. */
export type AwsCall = (operation: string, input: object) => Promise<unknown>;

/** AWS refused the request or failed. `code` is the error's name in the service's API reference. */
export class AwsError extends Error {
  override name = "AwsError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * Calls one service, with the parts of the AWS SDK that this takes: its client would be ten times the code, and three
 * times the work for each call. An answer that does not come within 2 s, a failure of AWS and a throttled call are
 * repeated once; a refused call is not.
 */
export function openAws(service: AwsService): AwsCall {
  const { id, signingName, target, version, url, answerSeconds = 2, attemptsMax = 2 } = service;
  const { [`AWS_ENDPOINT_URL_${id}`]: own, AWS_ENDPOINT_URL: common, AWS_REGION: region = "" } = process.env;
  const { protocol, hostname, port, host } = new URL(own ?? common ?? url);
  // An import would also read the getters of node:http, which load Node's fetch: a third of a function's cold start.
  const { Agent, request } = process.getBuiltinModule(protocol === "https:" ? "node:https" : "node:http");
  const agent = new Agent({ keepAlive: true });
  const signer = new SignatureV4({
    service: signingName,
    region,
    credentials: credentialsProvider(),
    sha256: Hash.bind(null, "sha256"),
  });

  async function callOnce(operation: string, body: string): Promise<unknown> {
    // By this header AWS detects functions that call each other in a loop (Lambda developer guide, "Recursive loop detection").
    const { _X_AMZN_TRACE_ID: traceId } = process.env;
    const { headers } = await signer.sign({
      ...{ protocol, hostname, method: "POST", path: "/", body },
      headers: {
        host,
        "content-type": `application/x-amz-json-${version}`,
        "content-length": String(Buffer.byteLength(body)),
        "x-amz-target": `${target}.${operation}`,
        ...(traceId !== undefined && { "x-amzn-trace-id": traceId }),
      },
    });
    const options = { agent, hostname, port, method: "POST", path: "/", headers };
    const answer = await exchange((onAnswer) => request(options, onAnswer), body, answerSeconds);
    return contentOf(answer);
  }

  return async (operation, input) => {
    const body = JSON.stringify(input);
    for (let attempt = 1; ; attempt++) {
      try {
        return await callOnce(operation, body);
      } catch (error) {
        if (attempt === attemptsMax || !mayPass(error)) throw error;
      }
      await sleep(fullJitter(attempt));
    }
  };
}

/** Lambda keeps a function's credentials in the environment, ECS serves those of a task, and both renew them in time. */
function credentialsProvider() {
  const served = servedCredentials();
  return async () => {
    const {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    } = process.env;
    if (accessKeyId === undefined || secretAccessKey === undefined) return served();
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  };
}

/** ECS throttles a task that asks at each call. It renews credentials long before they end. */
function servedCredentials() {
  let last: { value: ReturnType<typeof ask>; age: () => number } | undefined;
  async function ask() {
    // Imported here, because a function does not need it.
    const { fromContainerMetadata } = await import("@smithy/credential-provider-imds");
    return fromContainerMetadata({ timeout: 1_000, maxRetries: 1 })();
  }
  return () => {
    if (!last || last.age() > SERVED_SECONDS * 1_000) {
      const asked = { value: ask(), age: startAge() };
      last = asked;
      asked.value.catch(() => {
        if (last === asked) last = undefined;
      });
    }
    return last.value;
  };
}

interface Answer {
  status: number;
  text: string;
}

function exchange(
  send: (onAnswer: (response: IncomingMessage) => void) => ClientRequest,
  body: string,
  seconds: number,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = send((response) => {
    let text = "";
    response
      .setEncoding("utf8")
      .on("data", (chunk) => {
        text += chunk;
      })
      .on("end", () => resolve({ status: response.statusCode ?? 0, text }))
      .on("error", reject);
  });
  const late = setTimeout(
    () => sent.destroy(new DeadlineError(`AWS did not answer within ${seconds} s`)),
    seconds * 1_000,
  );
  sent
    .on("error", reject)
    .on("close", () => clearTimeout(late))
    .end(body);
  return promise;
}

/** The type may have a namespace before it and a URL behind it (AWS JSON 1.0, "Operation error serialization"). */
const Refusal = z.object({
  __type: z.string().transform((type) => type.replace(/^.*#|:.*$/g, "")),
  message: z.string().optional(),
  /** The spelling of Secrets Manager. */
  Message: z.string().optional(),
});

function contentOf({ status, text }: Answer): unknown {
  const content = text === "" ? {} : parseJson(text);
  if (status === 200 && content !== undefined) return content;
  const { data } = Refusal.safeParse(content);
  throw new AwsError(status, data?.__type ?? "", data?.message ?? data?.Message ?? `HTTP ${status}`);
}

/** Whether the next attempt may succeed. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof AwsError)) return true;
  return error.status >= 500 || error.status === 429 || /Throttl|TooManyRequests/.test(error.code);
}
