export * from "./exchange.ts";
export * from "./order-event.ts";
