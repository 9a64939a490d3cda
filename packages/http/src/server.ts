import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { BlockList, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { strangerOf, type Visitors } from "@cloud-design/core/visitor";
import { problem } from "./problem.ts";
import { type Flaw, flawOf } from "./request-flaw.ts";

/**
 * Time-outs of every HTTP server of this project, in milliseconds. They end slow headers and bodies, and exceed the
 * load balancer's idle time of 60 s.
 */
export const TIME_OUTS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 65_000,
  // Node checks for overdue requests every 30 s by default, which would make the limit of 10 s up to 40 s.
  connectionsCheckingInterval: 1_000,
} as const;

/**
 * From a request's first line to the last byte of its answer: up to 15 s to receive it, 10 s to answer it, and the rest
 * for a slow reader.
 */
const ANSWER_MS = 30_000;
const HEADERS_BYTES_MAX = 16 * 1_024;
/** Connections that the kernel keeps until the event loop accepts them. Beyond it a client waits for repeats that come ever more rarely. */
export const BACKLOG = 4_096;
const TOOK_TOO_LONG = "ERR_HTTP_REQUEST_TIMEOUT";
/** Each reads up to 64 KB: more than the largest body of an API on AWS, 10 MB. */
const READS_MAX = 256;

export interface ProblemServerOptions extends ServerOptions {
  siteUrl: string;
  answerTimeout?: number;
  /** The default is "anyone", and "programs" where the server listens only on the loopback interface. */
  visitors?: Visitors;
}

/**
 * An HTTP/1.1 server that also answers malformed requests with a problem, and never in the place of another request's
 * answer. A client that does not read its answer in time is disconnected, because the answer would stay in memory for
 * as long as the client likes.
 */
export function createProblemServer(options: ProblemServerOptions, listener: RequestListener): Server {
  const {
    siteUrl,
    answerTimeout = ANSWER_MS,
    maxHeaderSize = HEADERS_BYTES_MAX,
    visitors,
    ...rest
  } = options;
  const connections = new WeakMap<Duplex, Connection>();
  /** Connections whose sender has heard, or is about to hear, that it is refused: nothing that still arrives is handled. */
  const refused = new WeakSet<Duplex>();
  // Node itself would refuse a request without Host with an empty body.
  let expected = visitors;
  const server = createServer(
    { ...TIME_OUTS, ...rest, maxHeaderSize, requireHostHeader: false },
    (request, response) => {
      const { socket } = request;
      const { unfinished = new Set<ServerResponse>(), isOver = false } = connections.get(socket) ?? {};
      if (isOver || refused.has(socket)) return;
      // The address is known only now, and stays the same.
      expected ??= visitorsOf(server);
      const flaw = flawOf(request) ?? strangerFlaw(request, expected);
      unfinished.add(response);
      connections.set(socket, { unfinished, last: { request, response }, isOver: flaw !== undefined });
      const cut = setTimeout(() => socket.destroy(), answerTimeout).unref();
      response.once("close", () => {
        clearTimeout(cut);
        unfinished.delete(response);
      });
      // Node drops the bytes right after an unsupported Upgrade. On a connection that stayed open, their sender would
      // wait for an answer.
      if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
      if (flaw === undefined) listener(request, response);
      else void refuse(response, problem(siteUrl, flaw.code, flaw.detail));
    },
  );
  // Node itself would refuse an unknown expectation with an empty body; RFC 9110 allows ignoring it.
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
  server.on("connect", (_request, socket) => {
    // Node has removed its own error listener: a reset connection would end the process.
    socket.on("error", () => {});
    const answer = problem(siteUrl, "invalid-request", "This server is not a proxy.");
    void refuseConnection(socket, connections.get(socket), answer);
  });
  server.on("clientError", async (error: NodeJS.ErrnoException, socket) => {
    const wholeRequest = () => {
      const request = connections.get(socket)?.last.request;
      return request?.complete ? request : undefined;
    };
    if (error.code === TOOK_TOO_LONG && socket instanceof Socket) {
      const before = wholeRequest();
      await readWaiting(socket);
      const request = wholeRequest();
      // It had arrived in time: this process was frozen, or too busy to read it, and that is not the client's fault.
      if (request !== undefined && request !== before) return;
    }
    refused.add(socket);
    // Without a byte there is no request to refuse: a client that just sends its first one would take the answer for its own.
    if (error.code === TOOK_TOO_LONG && socket instanceof Socket && socket.bytesRead === 0)
      return end(socket);
    const connection = connections.get(socket);
    if (connection?.last.request.complete === false) connection.last.request.push = () => false;
    await refuseConnection(socket, connection, refusalOf(error, siteUrl, maxHeaderSize));
  });
  return server;
}

/** Reads the bytes that wait in the kernel, until a turn of the event loop brings no more. */
async function readWaiting(socket: Socket): Promise<void> {
  for (let reads = 0, bytes = -1; reads < READS_MAX && bytes !== socket.bytesRead; reads++) {
    bytes = socket.bytesRead;
    await nextTurn();
  }
}

/** Accepts no new connection, lets requests in flight finish, and cuts off those that remain after `seconds`. */
export async function drain(server: Server, seconds: number): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  // close() ends only the connections that are idle now; others become idle later and would be kept for 65 s.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), seconds * 1_000);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}

function strangerFlaw({ headers }: IncomingMessage, visitors: Visitors): Flaw | undefined {
  const detail = strangerOf(headers, visitors);
  return detail === undefined ? undefined : { code: "invalid-request", detail };
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

function visitorsOf(server: Server): Visitors {
  const bound = server.address();
  if (typeof bound !== "object" || bound === null) return "anyone";
  const isLoopback = LOOPBACK.check(bound.address, bound.family === "IPv6" ? "ipv6" : "ipv4");
  return isLoopback ? "programs" : "anyone";
}

interface Connection {
  /** The answers in progress: several when the client pipelines requests. */
  unfinished: Set<ServerResponse>;
  last: { request: IncomingMessage; response: ServerResponse };
  /** True when the last answer is sent or in progress: later bytes are not handled as a request. */
  isOver: boolean;
}

/** Answers a request and closes the connection, because it is unclear where a request with ambiguous framing ends. */
async function refuse(response: ServerResponse, refused: Response): Promise<void> {
  const body = await refused.text();
  const headers = { ...Object.fromEntries(refused.headers), "content-length": Buffer.byteLength(body) };
  response.writeHead(refused.status, { ...headers, connection: "close" }).end(body);
}

function refusalOf(error: NodeJS.ErrnoException, siteUrl: string, headersBytesMax: number): Response {
  if (error.code === "HPE_HEADER_OVERFLOW") {
    const limit = `${headersBytesMax / 1_024} KB`;
    return problem(
      siteUrl,
      "headers-too-large",
      `The request line and the headers are larger than ${limit}.`,
    );
  }
  const detail =
    error.code === TOOK_TOO_LONG
      ? "The request took too long to arrive."
      : "This is not well-formed HTTP/1.1.";
  return problem(siteUrl, "invalid-request", detail);
}

/** Refuses bytes that are not a request: earlier requests of the connection are answered first. */
async function refuseConnection(
  socket: Duplex,
  { unfinished, last, isOver = false }: Partial<Connection> = {},
  refused: Response,
): Promise<void> {
  // Garbage after a valid request is not that request's fault: its answer is the last one on this connection.
  const isLastWord = isOver || (last?.request.complete === true && !last.response.closed);
  const earlier = [...(unfinished ?? [])].filter((response) => isLastWord || response !== last?.response);
  await Promise.all(earlier.map((response) => new Promise((done) => response.once("close", done))));
  const isAnswered = isLastWord || (last?.request.complete === false && last.response.headersSent);
  end(socket, isAnswered || !socket.writable ? undefined : await written(refused));
}

function end(socket: Duplex, lastWords?: string): void {
  socket.end(lastWords);
  // A client that does not close its side would keep the connection open.
  setTimeout(() => socket.destroy(), 1_000).unref();
}

async function written(refused: Response): Promise<string> {
  const body = await refused.text();
  const headers = [...refused.headers, ["content-length", Buffer.byteLength(body)], ["connection", "close"]];
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `HTTP/1.1 ${refused.status} Refused\r\n${head}\r\n${body}`;
}
