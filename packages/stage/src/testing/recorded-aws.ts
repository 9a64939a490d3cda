import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { parseJson } from "@cloud-design/core/json";

export interface RecordedAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON, a text as it is (for services that speak XML). */
  body: unknown;
}

export interface Question {
  /** `GetCallerIdentity`, `DescribeServices`, or `GET /v1/broker-instance-options` for a service whose operations are paths. */
  operation: string;
  /** The parameters of a form request. */
  form: URLSearchParams;
  /** The body of any other request, parsed if it is JSON. */
  json: Record<string, unknown>;
  body: string;
  url: URL;
}

/** By operation, `*` for any other; a function where the answer depends on the request, `silence` for no answer. */
export type Answers = Record<
  string,
  RecordedAnswer | ((question: Question) => RecordedAnswer | undefined | Promise<RecordedAnswer>) | "silence"
>;

export interface RecordedAws extends AsyncDisposable {
  url: string;
  asked: Question[];
  /** A test may change them during a run. */
  answers: Answers;
}

/** A stand-in for AWS with recorded answers: the real SDK calls it, and an unrecorded operation is refused by its name. */
export async function startRecordedAws(answers: Answers): Promise<RecordedAws> {
  const asked: Question[] = [];
  const server = createServer(async (request, response) => {
    const question = questionOf(request, await text(request));
    asked.push(question);
    const answer = await answerTo(question, answers);
    if (answer === "silence") return;
    const { status = 200, headers = {}, body } = answer ?? notRecorded(question.operation);
    const content = typeof body === "string" ? body : JSON.stringify(body);
    response.writeHead(status, headers).end(content);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}

/** An answer of a service with form requests and XML. */
export function xml(action: string, result: string): RecordedAnswer {
  return { body: `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>` };
}

export function xmlError(code: string, message: string, status = 400): RecordedAnswer {
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: `<ErrorResponse>${error}</ErrorResponse>` };
}

export function jsonError(type: string, message: string, status = 400): RecordedAnswer {
  return { status, headers: { "x-amzn-errortype": type }, body: { __type: type, message } };
}

async function answerTo(
  question: Question,
  answers: Answers,
): Promise<RecordedAnswer | "silence" | undefined> {
  const found = answers[question.operation] ?? answers["*"];
  try {
    return typeof found === "function" ? await found(question) : found;
  } catch (error) {
    // The command reports the error to the test; the server must go on.
    return xmlError("StandInFault", `The stand-in cannot answer ${question.operation}: ${error}`, 500);
  }
}

function questionOf({ method = "", url: path = "", headers }: IncomingMessage, body: string): Question {
  const url = new URL(path, "http://aws.invalid");
  const isForm = String(headers["content-type"]).startsWith("application/x-www-form-urlencoded");
  const form = new URLSearchParams(isForm ? body : "");
  const target = headers["x-amz-target"];
  const operation =
    form.get("Action") ??
    (target ? String(target).split(".").at(-1) : undefined) ??
    `${method} ${url.pathname}`;
  return { operation, form, json: isForm ? {} : Object(parseJson(body)), body, url };
}

function notRecorded(operation: string): RecordedAnswer {
  const body = { __type: "NotRecorded", message: `No answer to ${operation} was recorded.` };
  return { status: 500, headers: { "x-amzn-errortype": "NotRecorded" }, body };
}
