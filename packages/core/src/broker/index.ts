export * from "./keep-connected.ts";
export * from "./publisher.ts";
