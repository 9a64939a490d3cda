import { hash } from "node:crypto";
import { startAge } from "../age.ts";
import type { Caller } from "./caller.ts";

/** Beyond this number the oldest token is forgotten, which costs one more check of it. */
export const REMEMBERED_MAX = 10_000;
/** Longer than the ids of Cognito. A token with a longer id is not remembered, so that all of them take some 12 MB at most. */
const ID_MAX = 100;

interface Verified<Key> {
  caller: Caller;
  /** The key that signed the token. */
  key: Key;
  /** The token's `exp`. */
  expiresAtSeconds: number;
}

/**
 * Tokens that were verified, by a digest of the whole token. A token is forgotten when it expires, also while the system
 * time is set back, and when `isCurrent` no longer knows its key.
 */
export class VerifiedTokens<Key> {
  readonly #isCurrent: (key: Key) => boolean;
  readonly #remembered = new Map<string, Verified<Key> & { isOver: () => boolean }>();

  constructor(isCurrent: (key: Key) => boolean) {
    this.#isCurrent = isCurrent;
  }

  get(token: string): Caller | undefined {
    const digest = digestOf(token);
    const verified = this.#remembered.get(digest);
    if (verified === undefined) return undefined;
    if (!verified.isOver() && this.#isCurrent(verified.key)) return verified.caller;
    this.#remembered.delete(digest);
    return undefined;
  }

  add(token: string, verified: Verified<Key>): void {
    if (verified.caller.id.length > ID_MAX) return;
    const age = startAge();
    // biome-ignore lint/plugin: `exp` is wall time; from here on the age, by both clocks, decides.
    const lifeMilliseconds = verified.expiresAtSeconds * 1_000 - Date.now();
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined && this.#remembered.size >= REMEMBERED_MAX) this.#remembered.delete(oldest);
    this.#remembered.set(digestOf(token), { ...verified, isOver: () => age() > lifeMilliseconds });
  }
}

function digestOf(token: string): string {
  return hash("sha256", token, "base64");
}
