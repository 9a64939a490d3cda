import { hash } from "node:crypto";
import { startAge } from "../age.ts";

/** Twice the length of Cognito's. A longer one is not remembered, since its content may be as long. */
const TOKEN_MAX = 2_048;

interface Verified<Content, Key> {
  /** The verifier's result. */
  content: Content;
  /** The key that signed the token. */
  key: Key;
  /** The token's `exp`. */
  expiresAtSeconds: number;
}

/**
 * Tokens that were verified, by a digest of the whole token. A token is forgotten when it expires, also while the system
 * time is set back, and when `isCurrent` no longer knows its key.
 */
export class VerifiedTokens<Content, Key> {
  readonly #isCurrent: (key: Key) => boolean;
  readonly #max: number;
  readonly #remembered = new Map<string, Verified<Content, Key> & { isOver: () => boolean }>();

  /** Beyond `max` the oldest token is forgotten, which costs one more check of it. */
  constructor(isCurrent: (key: Key) => boolean, max: number) {
    this.#isCurrent = isCurrent;
    this.#max = max;
  }

  get(token: string): Content | undefined {
    const digest = digestOf(token);
    const verified = this.#remembered.get(digest);
    if (verified === undefined) return undefined;
    if (!verified.isOver() && this.#isCurrent(verified.key)) return verified.content;
    this.#remembered.delete(digest);
    return undefined;
  }

  add(token: string, verified: Verified<Content, Key>): void {
    if (token.length > TOKEN_MAX) return;
    const age = startAge();
    // biome-ignore lint/plugin: `exp` is wall time; from here on the age, by both clocks, decides.
    const lifeMilliseconds = verified.expiresAtSeconds * 1_000 - Date.now();
    this.#remembered.set(digestOf(token), { ...verified, isOver: () => age() > lifeMilliseconds });
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined && this.#remembered.size > this.#max) this.#remembered.delete(oldest);
  }
}

function digestOf(token: string): string {
  return hash("sha256", token, "base64");
}
