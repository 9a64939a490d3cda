import type { Scope } from "./scopes.ts";

/** An authenticated caller and the scopes they have. */
export interface Caller {
  /** The token's `sub`: the user, or the client for client credentials. */
  id: string;
  scopes: ReadonlySet<Scope>;
}
