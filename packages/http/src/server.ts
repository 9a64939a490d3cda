import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { BlockList } from "node:net";
import type { Duplex } from "node:stream";
import { strangerOf, type Visitors } from "@cloud-design/core/visitor";
import { problem } from "./problem.ts";
import { type Flaw, flawOf } from "./request-flaw.ts";

/** Time-outs of every HTTP server here, in milliseconds: they end slow headers and bodies, and outlive the ALB's idle time of 60 s. */
export const TIME_OUTS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 65_000,
  // Node looks for overdue requests every 30 s by default: a 10 s limit would take 40.
  connectionsCheckingInterval: 1_000,
} as const;

/** From a request's first line to the last byte of its answer: what comes in within 15 s is answered in 10, and the rest is for a slow reader. */
const ANSWER_MS = 30_000;
const HEADERS_BYTES_MAX = 16 * 1_024;

export interface ProblemServerOptions extends ServerOptions {
  siteUrl: string;
  answerTimeout?: number;
  /** Without it anyone, except where the server listens on the loopback interface alone: there programs of this machine. */
  visitors?: Visitors;
}

/**
 * An HTTP/1.1 server on which also what never becomes a request is answered with a problem, and never in the place of another request's
 * answer. Who does not read an answer in time loses it: it would stay in memory as long as they like.
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
  // Node would refuse a request without Host itself, with an empty body.
  const server = createServer(
    { ...TIME_OUTS, ...rest, maxHeaderSize, requireHostHeader: false },
    (request, response) => {
      const { socket } = request;
      const { unfinished = new Set<ServerResponse>(), isOver = false } = connections.get(socket) ?? {};
      if (isOver) return;
      const flaw = flawOf(request) ?? strangerFlaw(request, visitors ?? visitorsOf(server));
      unfinished.add(response);
      connections.set(socket, { unfinished, last: { request, response }, isOver: flaw !== undefined });
      const cut = setTimeout(() => socket.destroy(), answerTimeout).unref();
      response.once("close", () => {
        clearTimeout(cut);
        unfinished.delete(response);
      });
      // What comes at once behind an Upgrade that nobody offers, Node throws away: on an open connection it would wait for its answer.
      if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
      if (flaw === undefined) listener(request, response);
      else void refuse(response, problem(siteUrl, flaw.code, flaw.detail));
    },
  );
  // Node would refuse an expectation that it does not know, with an empty body; RFC 9110 lets it be ignored.
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
  server.on("connect", (_request, socket) => {
    // Node has taken its own listener away: a connection that is reset would end the process.
    socket.on("error", () => {});
    const refused = problem(siteUrl, "invalid-request", "This is no proxy.");
    void refuseConnection(socket, connections.get(socket), refused);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    void refuseConnection(socket, connections.get(socket), refusalOf(error, siteUrl, maxHeaderSize));
  });
  return server;
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
  /** What is being answered: more than one thing when a client does not wait. */
  unfinished: Set<ServerResponse>;
  last: { request: IncomingMessage; response: ServerResponse };
  /** The last answer has been given, or is on its way: what follows is no request. */
  isOver: boolean;
}

/** Where a request ends whose framing is in doubt nobody can say, so the connection ends with it. */
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
    error.code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? "The request took too long to arrive."
      : "This is not well-formed HTTP/1.1.";
  return problem(siteUrl, "invalid-request", detail);
}

/** There is no request to answer, only a connection; what came on it before is answered first. */
async function refuseConnection(
  socket: Duplex,
  { unfinished, last, isOver = false }: Partial<Connection> = {},
  refused: Response,
): Promise<void> {
  // Garbage behind a good request is not that request's fault: its answer is the last word on this connection.
  const isLastWord = isOver || (last?.request.complete === true && !last.response.closed);
  const earlier = [...(unfinished ?? [])].filter((response) => isLastWord || response !== last?.response);
  await Promise.all(earlier.map((response) => new Promise((done) => response.once("close", done))));
  const isAnswered = isLastWord || (last?.request.complete === false && last.response.headersSent);
  socket.end(isAnswered || !socket.writable ? undefined : await written(refused));
  // A client that does not close its side would keep the connection.
  setTimeout(() => socket.destroy(), 1_000).unref();
}

async function written(refused: Response): Promise<string> {
  const body = await refused.text();
  const headers = [...refused.headers, ["content-length", Buffer.byteLength(body)], ["connection", "close"]];
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `HTTP/1.1 ${refused.status} Refused\r\n${head}\r\n${body}`;
}
