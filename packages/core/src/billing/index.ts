export * from "./attempt.ts";
export * from "./from-id.ts";
export * from "./order.ts";
export * from "./order-id.ts";
export * from "./order-state.ts";
export * from "./queue.ts";
export * from "./record.ts";
export * from "./reject.ts";
