import { startAge } from "@cloud-design/core/age";
import { spelledOut } from "@cloud-design/core/identity/scopes";
import * as z from "zod";

const ASK_SECONDS = 3;
/** Renewed this long before its expiry, so that a token does not expire during a request. */
const SPARE_SECONDS = 60;

/** The least that shows whether a token is accepted, and the scope that billing's ledger requires. */
const SCOPE = `${spelledOut("movies.read")} ${spelledOut("orders.read")}`;

const Answer = z.object({ access_token: z.string(), expires_in: z.number() });

export interface TokenSource {
  get(): Promise<string>;
  /** The next call must get a new token: this one was refused. */
  forget(): void;
}

/** An access token by client credentials, cached while it is valid: Cognito charges $0.00225 for each. */
export function cachedToken(options: {
  tokenUrl: string;
  clientId: string;
  clientSecret(): Promise<string>;
}): TokenSource {
  const { tokenUrl, clientId, clientSecret } = options;
  let cached: { token: string; age: () => number; goodMs: number } | undefined;
  async function get(): Promise<string> {
    if (cached && cached.age() < cached.goodMs) return cached.token;
    const age = startAge();
    const credentials = Buffer.from(`${clientId}:${await clientSecret()}`).toString("base64");
    const response = await fetch(tokenUrl, {
      method: "POST",
      headers: { authorization: `Basic ${credentials}` },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: SCOPE }),
      signal: AbortSignal.timeout(ASK_SECONDS * 1_000),
    });
    if (!response.ok) throw new Error(`The token endpoint answered ${response.status}`);
    const { access_token: token, expires_in: seconds } = Answer.parse(await response.json());
    cached = { token, age, goodMs: (seconds - SPARE_SECONDS) * 1_000 };
    return token;
  }

  return {
    get,
    forget() {
      cached = undefined;
    },
  };
}
