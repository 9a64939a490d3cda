import { FetchError } from "aws-jwt-verify/error";
import { SimpleFetcher } from "aws-jwt-verify/https";
import { type Jwk, type Jwks, SimpleJwksCache, SimplePenaltyBox } from "aws-jwt-verify/jwk";

/** The keys of a pool, as they were read last. */
export class PublishedKeys extends SimpleJwksCache {
  readonly #keys = new Map<string, readonly Jwk[]>();

  /** Reads the keys at `jwksUrl`, or at the issuer of a token. */
  constructor(jwksUrl?: string) {
    super({
      fetcher: createFetcher(jwksUrl),
      // An unknown key id reads the keys again, at most once a second: soon enough after a rotation, without flooding
      // the issuer.
      penaltyBox: new SimplePenaltyBox({ waitSeconds: 1 }),
    });
  }

  override async getJwks(uri: string): Promise<Jwks> {
    const jwks = await super.getJwks(uri);
    this.#keys.set(uri, jwks.keys);
    return jwks;
  }

  /** False for a key of an earlier reading, even one that is still published: its tokens are then verified again. */
  include(key: Jwk): boolean {
    return [...this.#keys.values()].some((keys) => keys.includes(key));
  }
}

function createFetcher(jwksUrl: string | undefined) {
  const timeout = 2_000;
  if (jwksUrl === undefined)
    return new SimpleFetcher({ defaultRequestOptions: { timeout, responseTimeout: timeout } });
  return {
    async fetch() {
      try {
        const response = await fetch(jwksUrl, { redirect: "error", signal: AbortSignal.timeout(timeout) });
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        return await response.arrayBuffer();
      } catch (cause) {
        throw new FetchError(jwksUrl, String(cause));
      }
    },
  };
}
