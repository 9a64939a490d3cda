export * from "./authorize.ts";
export * from "./body.ts";
export * from "./json.ts";
export * from "./method-not-allowed.ts";
export * from "./parse.ts";
export * from "./problem.ts";
export * from "./retry-after.ts";
