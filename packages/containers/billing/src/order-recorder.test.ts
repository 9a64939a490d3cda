import type { Delivered } from "@cloud-design/core/billing";
import type { Database } from "@cloud-design/core/database";
import { expect, test } from "vitest";
import { createOrderRecorder } from "./order-recorder.ts";

const message = (messageId: string) =>
  ({
    content: Buffer.from('{"user_id": 3, "number_of_items": 5, "total_amount": "180"}'),
    fields: { redelivered: false },
    properties: { messageId },
    headers: {},
  }) as unknown as Delivered;

test("a channel that closes during the acknowledgements leaves no pending rejection with an unhandled failure", async () => {
  const laidAside: string[] = [];
  const recorder = createOrderRecorder({
    database: { run: async (verb) => verb({} as never) } as Database,
    record: async (_db, orders) => ({
      recorded: [],
      created: orders.slice(1).map(({ id }) => id),
      keyReused: orders.slice(0, 1).map(({ id }) => id),
    }),
    deadLetter: async ({ properties }) => void laidAside.push(properties.messageId),
    signal: new AbortController().signal,
    onWait() {},
  });
  const settling = recorder.handle([message("reused"), message("good")], () => {
    throw new Error("the channel is closing");
  });
  await expect(settling).rejects.toThrow("the channel is closing");
  expect(laidAside).toEqual([]);
});
