/** What a token may be allowed to do, as code, pages and problems name it. */
export const SCOPES = ["movies.read", "movies.write", "movies.admin", "orders.read", "orders.write"] as const;
export type Scope = (typeof SCOPES)[number];

/** Identifier of the Cognito resource server that owns the scopes. */
export const RESOURCE_SERVER = "cloud-design";

/** As it stands in requests for tokens, in tokens and in a challenge: Cognito knows it by this name alone. */
export function spelledOut(scope: Scope): string {
  return `${RESOURCE_SERVER}/${scope}`;
}

/** The scopes in a token's space-separated `scope` claim, with or without the resource server before them. */
export function scopesOf(claim: string | undefined): ReadonlySet<Scope> {
  const names = (claim ?? "")
    .split(" ")
    .map((name) => (name.startsWith(`${RESOURCE_SERVER}/`) ? name.slice(RESOURCE_SERVER.length + 1) : name));
  return new Set(SCOPES.filter((scope) => names.includes(scope)));
}

/** The groups of the user pool. `premium` opens nothing more in the API. */
export const GROUPS = ["admin", "premium"] as const;
export type Group = (typeof GROUPS)[number];

/** What a user of these groups may not get, whatever a client may ask for. */
export function withheldScopes(groups: readonly string[]): Scope[] {
  const admin: Group = "admin";
  return groups.includes(admin) ? [] : ["movies.admin"];
}

/**
 * The programs that call the API, each as a client of its own: an idempotency key belongs to its caller, and a secret that leaks opens what one
 * program may do. `machine` is for programs of others.
 */
export const PROGRAM_SCOPES = {
  machine: SCOPES.filter((scope) => scope !== "movies.admin"),
  probe: ["movies.read", "orders.read"],
  smoke: ["movies.read", "orders.read", "orders.write"],
  seed: ["movies.read", "movies.write"],
} as const satisfies Record<string, readonly Scope[]>;
export type Program = keyof typeof PROGRAM_SCOPES;
export const PROGRAMS = Object.keys(PROGRAM_SCOPES) as Program[];
