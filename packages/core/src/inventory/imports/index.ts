export * from "./create-import.ts";
export * from "./import.ts";
export * from "./import-from-id.ts";
export * from "./keys.ts";
