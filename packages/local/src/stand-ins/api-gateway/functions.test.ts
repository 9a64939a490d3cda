import { expect, test } from "vitest";
import { ThrottledError } from "../lambda/lambda-function.ts";
import { apiFunctions } from "./functions.ts";
import type { GatewayEvent } from "./to-event.ts";

const READ = eventOf("GET /api/movies");
const ORDER = eventOf("POST /api/billing");

function eventOf(routeKey: string): GatewayEvent {
  return { routeKey } as GatewayEvent;
}

/** Answers orders at once, and everything else when it is told to: as while inventory is frozen. */
function frozen() {
  const { promise: thawed, resolve: thaw } = Promise.withResolvers<void>();
  const handler = async ({ routeKey }: GatewayEvent) => {
    if (routeKey === ORDER.routeKey) return "accepted";
    await thawed;
    return "read";
  };
  return { handler, thaw };
}

test("reads that wait take no place of an order", async () => {
  const { handler, thaw } = frozen();
  const invoke = apiFunctions({ handler, concurrency: { orders: 1, others: 3 } });
  const waiting = [invoke(READ), invoke(READ), invoke(READ)];
  await expect(invoke(READ)).rejects.toThrow(ThrottledError);
  expect(await invoke(ORDER)).toBe("accepted");
  thaw();
  expect(await Promise.all(waiting)).toEqual(["read", "read", "read"]);
});

test("the method that the orders' path does not have takes no place of an order either", async () => {
  const invoke = apiFunctions({
    handler: async () => "405",
    concurrency: { orders: 0 },
  });
  expect(await invoke(eventOf("ANY /api/billing"))).toBe("405");
  await expect(invoke(ORDER)).rejects.toThrow(ThrottledError);
});
