import * as http from "node:http";
import * as https from "node:https";
import { type ReceiverRules, refusalOf } from "@cloud-design/core/webhooks/receiver";
import { publicLookup } from "./public-lookup.ts";

/** From the look-up of the name to the status line. */
const ANSWER_SECONDS = 5;
const HEADER_BYTES_MAX = 8 * 1_024;

export interface Post {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Resolves with the status of the answer. Rejects with an error whose message may be shown to an operator. */
export type SendPost = (post: Post) => Promise<number>;

/**
 * Posts to a receiver on the internet, and nowhere else. Each post has a connection of its own. Redirects are not
 * followed. No byte of the answer's body is read: the status says everything.
 */
export function createSendPost(
  rules: ReceiverRules,
  connection: Pick<https.RequestOptions, "lookup" | "ca"> = { lookup: publicLookup() },
  answerSeconds = ANSWER_SECONDS,
): SendPost {
  return async ({ url, headers, body }) => {
    // A host that is an address needs no look-up, so this is its only check.
    const refusal = refusalOf(url, rules);
    if (refusal !== undefined) throw new Error(`The address ${refusal}`);
    const isEncrypted = new URL(url).protocol === "https:";
    const signal = AbortSignal.timeout(answerSeconds * 1_000);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const options = {
      method: "POST",
      headers: {
        ...headers,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "user-agent": "cloud-design",
      },
      agent: false,
      maxHeaderSize: HEADER_BYTES_MAX,
      signal,
    } as const;
    // Without encryption the receiver is on this machine: `refusalOf`.
    const sent = isEncrypted ? https.request(url, { ...options, ...connection }) : http.request(url, options);
    sent
      .on("response", (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      })
      // 101 Switching Protocols: a failure like any other status. Node.js leaves the socket to the listener.
      .on("upgrade", (response, socket) => {
        resolve(response.statusCode ?? 0);
        socket.destroy();
      })
      .on("error", (error) => reject(signal.aborted ? lateBy(answerSeconds) : error))
      // The last event of every request: a promise that is still open must not stay so.
      .on("close", () => reject(new Error("The connection closed without an answer")))
      .end(body);
    return promise;
  };
}

function lateBy(seconds: number): Error {
  return new Error(`The receiver did not answer within ${seconds} s`);
}
