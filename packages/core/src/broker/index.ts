export * from "./carried.ts";
export * from "./count-messages.ts";
export * from "./keep-connected.ts";
export * from "./publisher.ts";
export * from "./walk-queue.ts";
