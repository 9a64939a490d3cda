import { type Group, SCOPES, type Scope, spelledOut, withheldScopes } from "@cloud-design/core/identity";
import { PROGRAM_SCOPES, type Program } from "@cloud-design/core/identity/scopes";

export interface User {
  /** Stable, so that rows and order ids of an earlier start still have their owner. */
  sub: string;
  email: string;
  groups: readonly Group[];
  scopes: readonly Scope[];
}

/** The scopes that a client gets for a user of these groups if it asks for all. */
function scopesFor(groups: readonly Group[]): Scope[] {
  return SCOPES.filter((scope) => !withheldScopes(groups).includes(scope));
}

/** The demo users. They exist on the laptop only and share one password. */
export const USERS = {
  reader: {
    sub: "0b7f3c52-6a0e-4f0f-9d6d-2a54e1b0c001",
    email: "reader@example.com",
    groups: [],
    scopes: ["movies.read", "orders.read"],
  },
  ordinary: {
    sub: "0b7f3c52-6a0e-4f0f-9d6d-2a54e1b0c002",
    email: "ordinary@example.com",
    groups: [],
    scopes: scopesFor([]),
  },
  premium: {
    sub: "0b7f3c52-6a0e-4f0f-9d6d-2a54e1b0c003",
    email: "premium@example.com",
    groups: ["premium"],
    scopes: scopesFor(["premium"]),
  },
  admin: {
    sub: "0b7f3c52-6a0e-4f0f-9d6d-2a54e1b0c004",
    email: "admin@example.com",
    groups: ["admin"],
    scopes: scopesFor(["admin"]),
  },
} as const satisfies Record<string, User>;

export type UserName = keyof typeof USERS;
export const USER_NAMES = Object.keys(USERS) as UserName[];
export const PASSWORD = "Movies-2026!";

/** For browsers and the command line: authorization code with PKCE, no secret. */
export const WEB_CLIENT = { id: "web" } as const;

/** For programs: client credentials. Never an administrator. */
export const PROGRAM_CLIENTS = {
  machine: programClient("machine"),
  probe: programClient("probe"),
  smoke: programClient("smoke"),
  seed: programClient("seed"),
} satisfies Record<Program, unknown>;
export const MACHINE_CLIENT = PROGRAM_CLIENTS.machine;

/** Scopes that OpenID Connect defines; every user may have them. */
export const OPENID_SCOPES = ["openid", "email", "profile"] as const;

/** The spellings of a scope in a request: the short name, or with the resource server before it, as at Cognito. */
export function spellings(scopes: readonly Scope[]): string[] {
  return scopes.flatMap((scope) => [spelledOut(scope), scope]);
}

export function isUserName(name: string): name is UserName {
  return Object.hasOwn(USERS, name);
}

export function userOf(sub: string): { name: UserName; user: User } | undefined {
  const name = USER_NAMES.find((candidate) => USERS[candidate].sub === sub);
  return name && { name, user: USERS[name] };
}

export function isProgram(name: string): name is Program {
  return Object.hasOwn(PROGRAM_CLIENTS, name);
}

function programClient<P extends Program>(id: P) {
  return { id, secret: `local-${id}-secret`, scopes: PROGRAM_SCOPES[id] };
}
