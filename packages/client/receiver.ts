// Receives the events of a webhook and verifies them, as Standard Webhooks describes; there are libraries for most languages.
// Start it with Node 22.18 or later: SECRET=whsec_... node packages/client/receiver.ts
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";

const { SECRET, PORT = "4100" } = process.env;
if (!SECRET) throw new Error("Start it with the webhook's secret: SECRET=whsec_...");
const key = Buffer.from(SECRET.replace(/^whsec_/, ""), "base64");
/** A request that is older than this may be a copy of one that an attacker has recorded. */
const TOLERANCE_SECONDS = 300;
/** A store in place of this set, with the effect of an event in the same transaction, makes each event count once. */
const seen = new Set<string>();

/** Whether our webhook has signed these bytes: parse them only afterwards. */
function isGenuine(headers: IncomingHttpHeaders, body: string): boolean {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
  // biome-ignore lint/plugin: the sender signs its own wall time.
  const ageSeconds = Math.abs(Date.now() / 1_000 - Number(timestamp));
  // NaN is not smaller either.
  if (!(ageSeconds < TOLERANCE_SECONDS)) return false;
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
  // There may be several signatures, with spaces between them.
  return String(signatures)
    .split(" ")
    .map((signature) => Buffer.from(signature.replace(/^v1,/, ""), "base64"))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

createServer(async (request, response) => {
  const body = await text(request).catch(() => undefined);
  // The sender has hung up, which must not end this process.
  if (body === undefined) return undefined;
  if (!isGenuine(request.headers, body)) return response.writeHead(401).end();
  const id = String(request.headers["webhook-id"]);
  if (!seen.has(id)) console.log(id, JSON.parse(body).data);
  seen.add(id);
  // Any 2xx ends the delivery. Answer within 5 s, and do long work afterwards.
  return response.writeHead(204).end();
}).listen(Number(PORT), "127.0.0.1", () => console.log(`listens on http://127.0.0.1:${PORT}`));
