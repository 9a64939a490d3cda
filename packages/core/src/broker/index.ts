export * from "./count-messages.ts";
export * from "./keep-connected.ts";
export * from "./publisher.ts";
