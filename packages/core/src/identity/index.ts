export * from "./scopes.ts";
export * from "./token-verifier.ts";
