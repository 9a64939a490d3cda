import type { Context } from "hono";
import { HttpProblem } from "./problem.ts";

/** The JSON body of a request. Throws 415, 413 or the 400 for what is no JSON. */
export async function readJson(c: Context, bytesMax: number): Promise<unknown> {
  requireJson(c);
  return parseJson(await readBytes(c, bytesMax));
}

function requireJson(c: Context): void {
  const [type = "", ...parameters] = (c.req.header("content-type") ?? "").toLowerCase().split(";");
  const charset = parameters
    .map((parameter) => parameter.trim())
    .find((parameter) => parameter.startsWith("charset="));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(type.trim()) || !isUtf8) {
    throw new HttpProblem("unsupported-media-type", "Send the body as application/json in UTF-8.");
  }
  if ((c.req.header("content-encoding") ?? "identity") !== "identity") {
    throw new HttpProblem("unsupported-media-type", "Send the body without a content encoding.");
  }
}

/** Stops reading at the limit: what is announced or sent beyond it is never held in memory. */
export async function readBytes(c: Context, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () => new HttpProblem("payload-too-large", `The body may have at most ${bytesMax} bytes.`);
  if (Number(c.req.header("content-length") ?? 0) > bytesMax) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.byteLength;
    if (size > bytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) throw new HttpProblem("malformed-json", "The body is empty.");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const reason =
      error instanceof SyntaxError ? "The body is not valid JSON." : "The body is not valid UTF-8.";
    throw new HttpProblem("malformed-json", reason);
  }
}
