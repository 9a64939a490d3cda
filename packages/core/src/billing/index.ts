export { IdempotencyKey } from "../idempotency-key.ts";
export * from "./attempt.ts";
export * from "./from-id.ts";
export { ORDER_BYTES_MAX, type Order, OrderBody, toWire } from "./order.ts";
export { isIssuedTo, mintOrderId } from "./order-id.ts";
export * from "./queue.ts";
export * from "./record.ts";
export * from "./reject.ts";
