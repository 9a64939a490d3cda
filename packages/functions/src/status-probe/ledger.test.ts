import { expect, test } from "vitest";
import { beginLedger, enter, questions, roomIn, strike } from "./ledger.ts";

const NOON = Date.parse("2026-11-26T12:00:00Z");
const MINUTE = 60_000;
const read = (minute: number, ...ids: string[]) => ({
  acceptances: ids.map((id) => ({ id, at: NOON + minute * MINUTE })),
  readTo: NOON + minute * MINUTE,
  isComplete: true,
  isCurrent: true,
});
const answer = (recorded: string[], rejected: string[] = []) => ({
  recorded,
  rejected,
  held: 0,
  holder: "one",
});
const totals = ({ accepted, recorded, rejected, open }: ReturnType<typeof beginLedger>) => [
  accepted,
  recorded,
  rejected,
  Object.keys(open),
];

test("an order is entered once, however often the journal contains it", () => {
  const once = enter(beginLedger(NOON), read(1, "a", "b", "a"));
  expect(totals(once)).toEqual([2, 0, 0, ["a", "b"]]);
  const settled = strike(once, [answer(["a"])]);
  // The same minute is read again, since an event may come late; "c" is such an event.
  expect(totals(enter(settled, read(1, "a", "b", "c")))).toEqual([3, 1, 0, ["b", "c"]]);
});

test("an order that is repeated while it is open keeps the time of its first acceptance", () => {
  const late = enter(enter(beginLedger(NOON), read(1, "a")), read(60, "a"));
  expect(late.open).toEqual({ a: NOON + MINUTE });
  expect(late.accepted).toBe(1);
});

test("an order that is repeated long after it was settled is entered and removed again", () => {
  const settled = strike(enter(beginLedger(NOON), read(1, "a")), [answer(["a"])]);
  const again = enter(enter(settled, read(10)), read(11, "a"));
  expect(totals(again)).toEqual([2, 1, 0, ["a"]]);
  expect(totals(strike(again, [answer(["a"])]))).toEqual([2, 2, 0, []]);
});

test("set back to the second of a restore, it finds the orders that the restored database lacks", () => {
  const settled = strike(enter(beginLedger(NOON), read(1, "a", "b")), [answer(["a", "b"])]);
  // The commands of docs/deploy.md.
  const setBack = { ...settled, readFrom: NOON, seen: {} };
  const again = strike(enter(setBack, read(2, "a", "b")), [answer(["a"])]);
  expect(totals(again)).toEqual([4, 3, 0, ["b"]]);
});

test("orders before the next reading are forgotten", () => {
  let ledger = enter(beginLedger(NOON), read(1, "a"));
  ledger = enter(strike(ledger, [answer(["a"])]), read(10));
  expect(ledger.seen).toEqual({});
  expect(ledger.readFrom).toBe(NOON + 10 * MINUTE);
});

test("the journal is not read before the ledger's beginning", () => {
  expect(enter(beginLedger(NOON), read(-1)).readFrom).toBe(NOON);
});

test("an incomplete reading continues where it ended", () => {
  const { readFrom, seen } = enter(beginLedger(NOON), { ...read(5, "a"), isComplete: false });
  expect(readFrom).toBe(NOON + 5 * MINUTE);
  expect(seen).toEqual({ a: NOON + 5 * MINUTE });
});

test("removes each order once, whatever else billing answers", () => {
  const open = enter(beginLedger(NOON), read(1, "a", "b", "c"));
  const struck = strike(open, [answer(["a", "z"], ["b"]), answer(["a"])]);
  expect(totals(struck)).toEqual([3, 1, 1, ["c"]]);
  expect(totals(strike(struck, [answer(["a"], ["b"])]))).toEqual([3, 1, 1, ["c"]]);
});

test("asks for all open orders in portions, oldest first, and asks once when no order is open", () => {
  const ids = Array.from({ length: 4_001 }, (_, index) => `order ${index}`);
  const ledger = enter(enter(beginLedger(NOON), read(2, ...ids)), read(1, "first"));
  const asked = questions(ledger);
  expect(asked.map((portion) => portion.length)).toEqual([2_000, 2_000, 2]);
  expect(asked[0]?.[0]).toBe("first");
  expect(questions(beginLedger(NOON))).toEqual([[]]);
});

test("has room for 300,000 open orders", () => {
  const open = Object.fromEntries(Array.from({ length: 300_001 }, (_, index) => [`order ${index}`, NOON]));
  const full = { ...beginLedger(NOON), open };
  expect(roomIn(full)).toBe(0);
  expect(roomIn(strike(full, [answer(["order 7", "order 8", "order 9"])]))).toBe(2);
});
