/** The scopes of the API, as code, pages and problems name them. */
export const SCOPES = ["movies.read", "movies.write", "movies.admin", "orders.read", "orders.write"] as const;
export type Scope = (typeof SCOPES)[number];

/** Identifier of the Cognito resource server that owns the scopes. */
export const RESOURCE_SERVER = "cloud-design";

/** The full name in token requests, tokens and challenges: Cognito knows a scope by this name alone. */
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

/** The life of a person's access token, as short as people can bear: a revoked one passes the authorizer until it expires. */
export const ACCESS_TOKEN_MINUTES = 15;

/** The groups of the user pool. `premium` opens no route: its orders have a lane of their own (`billing/lanes.ts`). */
export const GROUPS = ["admin", "premium"] as const;
export type Group = (typeof GROUPS)[number];

/** The scopes that a user of these groups must not get, whatever the client asks for. */
export function withheldScopes(groups: readonly string[]): Scope[] {
  const admin: Group = "admin";
  return groups.includes(admin) ? [] : ["movies.admin"];
}

/**
 * The programs that call the API. Each has its own client, because an idempotency key belongs to its caller, and
 * because a leaked secret then grants only what one program may do. `machine` is for third-party programs.
 */
export const PROGRAM_SCOPES = {
  machine: SCOPES.filter((scope) => scope !== "movies.admin"),
  probe: ["movies.read", "orders.read"],
  smoke: ["movies.read", "orders.read", "orders.write"],
  seed: ["movies.read", "movies.write"],
} as const satisfies Record<string, readonly Scope[]>;
export type Program = keyof typeof PROGRAM_SCOPES;
export const PROGRAMS = Object.keys(PROGRAM_SCOPES) as Program[];
