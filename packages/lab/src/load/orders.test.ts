import { expect, test } from "vitest";
import { followOrders } from "./orders.ts";

const at = "2026-11-30T10:00:00.000Z";
const row = { status: "recorded", accepted_at: at, recorded_at: "2026-11-30T10:00:00.250Z" };

test("each order is asked for until it is recorded or rejected, and then no more", async () => {
  const answers: Record<string, unknown[]> = {
    a: [{ status: "accepted" }, { status: "accepted" }, row],
    b: [{ status: "rejected", accepted_at: at }],
  };
  const asked: string[] = [];
  const ask = async (id: string) => {
    asked.push(id);
    return answers[id]?.shift();
  };
  const followed = await followOrders(["a", "b"], { ask, perSecond: 1_000 });
  expect(followed).toEqual({ recorded: 1, rejected: 1, lost: [], waits: [250] });
  expect(asked).toEqual(["a", "b", "a", "a"]);
});

test.each([
  ["is still accepted", { status: "accepted" }],
  ["is not known any more", { type: "https://example.com/problems/not-found", status: 404 }],
  ["has no answer", undefined],
])("an order that %s when patience ends is lost", async (_, answer) => {
  const ask = async (id: string) => (id === "good" ? row : answer);
  const followed = await followOrders(["good", "gone"], { ask, perSecond: 1_000, patienceSeconds: 0 });
  expect(followed).toEqual({ recorded: 1, rejected: 0, lost: ["gone"], waits: [250] });
});

test("no order, no question", async () => {
  const followed = await followOrders([], { ask: () => Promise.reject(new Error("asked")), perSecond: 1 });
  expect(followed.lost).toEqual([]);
});
