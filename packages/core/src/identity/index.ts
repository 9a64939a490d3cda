export * from "./caller.ts";
export * from "./refusal.ts";
export * from "./scopes.ts";
export * from "./token-verifier.ts";
