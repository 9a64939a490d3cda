import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { everyField } from "../every-field.ts";
import type { Order } from "./order.ts";

/**
 * An order id proves by itself that this platform issued it, and to whom: `ord_` and 40 characters of base64url over
 *
 *   12 bytes  a nonce, derived from the caller's idempotency key or new: the identity of the order
 *   10 bytes  keyed digest of the order: the same key with another order gives another id, which billing refuses
 *    8 bytes  HMAC-SHA-256 over both and the owner, cut to 64 bits (NIST SP 800-107, section 5.3.3)
 *
 * Only the gateway can compute a digest, so a search for two orders with one digest must place some 2^40 orders under
 * one key. A MAC can only be guessed, by 2^64 requests.
 */
const ID_BYTES = 30;
const NONCE_BYTES = 12;
const DIGEST_BYTES = 10;
/** Bytes under the MAC. Ids of earlier versions have a digest of 6 bytes and a MAC of 12, and stay valid. */
const PAYLOAD_BYTES = [NONCE_BYTES + DIGEST_BYTES, NONCE_BYTES + 6];
export const ORDER_ID = /^ord_([\w-]{40})$/;

export interface Issued {
  /** The secret of the stage, at least 32 characters. */
  secret: string;
  /** `sub` of the caller. */
  owner: string;
}

/** Mints the id of an order. With an idempotency key, the same caller, key and order give the same id, in this version at any time. */
export function mintOrderId(
  order: Order,
  { secret, owner, idempotencyKey }: Issued & { idempotencyKey?: string | undefined },
) {
  const nonce =
    idempotencyKey === undefined
      ? Buffer.from(newNonce(), "base64url")
      : hmac(secret, ["nonce", owner, idempotencyKey]).subarray(0, NONCE_BYTES);
  const payload = Buffer.concat([nonce, digestOf(order, nonce, secret)]);
  return `ord_${Buffer.concat([payload, mac(payload, secret, owner)]).toString("base64url")}`;
}

/** As many as six digits of base 36 can count: until December 2038. Then they begin again, at the other end of an index. */
const SECONDS = 36 ** 6;

/**
 * 16 characters that no other order has: the second in base 36, whose digits every collation sorts alike, and 60 random
 * bits. So an index of ids grows at one end. A wrong clock only changes the place in the index, because the random bits
 * tell orders apart: at 5,000 orders a second, two of one second get the same once in some 3,000 years.
 */
export function newNonce(): string {
  // biome-ignore lint/plugin: every process must put its ids beside those of the others.
  const now = Date.now();
  const seconds = Math.max(0, Math.floor(now / 1_000)) % SECONDS;
  return seconds.toString(36).padStart(6, "0") + randomBytes(8).toString("base64url").slice(0, 10);
}

function digestOf({ userId, numberOfItems, totalAmount, ...others }: Order, nonce: Buffer, secret: string) {
  const fields = everyField([userId, numberOfItems, totalAmount], others);
  return hmac(secret, ["digest", nonce.toString("base64url"), ...fields]).subarray(0, DIGEST_BYTES);
}

/**
 * Whether this platform issued the id to this owner. Foreign, altered and invented ids, and ids of other owners, all
 * give false.
 */
export function isIssuedTo(id: string, { secret, owner }: Issued): boolean {
  const [, encoded] = ORDER_ID.exec(id) ?? [];
  if (encoded === undefined) return false;
  const bytes = Buffer.from(encoded, "base64url");
  return PAYLOAD_BYTES.some((length) => {
    const payload = bytes.subarray(0, length);
    return timingSafeEqual(bytes.subarray(length), mac(payload, secret, owner));
  });
}

/** Whether the text has the shape of an order id; this does not prove who issued it. */
export function isOrderId(text: string): boolean {
  return ORDER_ID.test(text);
}

/** As long as the payload leaves room for it. */
function mac(payload: Buffer, secret: string, owner: string): Buffer {
  return hmac(secret, ["order", owner, payload.toString("base64url")]).subarray(0, ID_BYTES - payload.length);
}

function hmac(secret: string, parts: readonly unknown[]): Buffer {
  return createHmac("sha256", secret).update(JSON.stringify(parts)).digest();
}
