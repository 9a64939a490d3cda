import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { everyField } from "../every-field.ts";
import type { Order } from "./order.ts";

/**
 * An order id proves by itself that this platform issued it, and to whom: `ord_` and 40 characters of base64url over
 *
 *   12 bytes  random, or derived from the caller's idempotency key: the identity of the order
 *    6 bytes  digest of the order: the same key with another order gives another id, which billing refuses
 *   12 bytes  HMAC-SHA-256 over both and the owner, cut to 96 bits (NIST SP 800-107, section 5.3.3)
 */
const NONCE_BYTES = 12;
const DIGEST_BYTES = 6;
/** Bytes under the MAC. The next version will give the digest 4 bytes of the MAC, and this one must know such ids. */
const PAYLOAD_BYTES = [NONCE_BYTES + DIGEST_BYTES, NONCE_BYTES + 10];
export const ORDER_ID = /^ord_([\w-]{40})$/;

export interface Issued {
  /** The secret of the stage, at least 32 characters. */
  secret: string;
  /** `sub` of the caller. */
  owner: string;
}

/** Mints the id of an order. With an idempotency key, the same caller, key and order give the same id. */
export function mintOrderId(
  order: Order,
  { secret, owner, idempotencyKey }: Issued & { idempotencyKey?: string | undefined },
) {
  const nonce =
    idempotencyKey === undefined
      ? randomBytes(NONCE_BYTES)
      : hmac(secret, ["nonce", owner, idempotencyKey]).subarray(0, NONCE_BYTES);
  const payload = Buffer.concat([nonce, digestOf(order)]);
  return `ord_${Buffer.concat([payload, mac(payload, secret, owner)]).toString("base64url")}`;
}

/** A digest of the whole order. An order of these three fields alone has the digest that every version has put into its ids. */
function digestOf({ userId, numberOfItems, totalAmount, ...others }: Order): Buffer {
  const fields = everyField([userId, numberOfItems, totalAmount], others);
  return createHash("sha256").update(JSON.stringify(fields)).digest().subarray(0, DIGEST_BYTES);
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

/** Fills an id of 30 bytes. */
function mac(payload: Buffer, secret: string, owner: string): Buffer {
  return hmac(secret, ["order", owner, payload.toString("base64url")]).subarray(0, 30 - payload.length);
}

function hmac(secret: string, parts: readonly string[]): Buffer {
  return createHmac("sha256", secret).update(JSON.stringify(parts)).digest();
}
