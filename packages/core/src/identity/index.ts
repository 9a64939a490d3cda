export * from "./caller.ts";
export * from "./published-keys.ts";
export * from "./refusal.ts";
export * from "./scopes.ts";
export * from "./token-verifier.ts";
export * from "./verified-tokens.ts";
