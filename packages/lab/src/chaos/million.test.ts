import { expect, it } from "vitest";
import { FAULTS } from "./faults/index.ts";
import { drawn, isReached, type Piece, totalOf } from "./million.ts";
import { bookRows, isClean, lineOf, millionPage, progressOf } from "./million-report.ts";

const piece: Piece = {
  ...{ number: 0, fault: "broker-kill", faults: 1, startedAt: "2026-11-30T10:00:00.000Z", seconds: 36 },
  ...{ orders: 1_000, accepted: 990, indeterminate: 10, recorded: 995, rejected: 0 },
  ...{ lost: 0, duplicated: 0, unexpected: 0, impossible: 0, recovered: 5 },
  ...{ slowestSeconds: 1, recoverySeconds: 1, broken: [], late: [], abandoned: [] },
};

it("draws the same fault for the same seed and number, and every fault of the table in the long run", () => {
  const names = (seed: number) =>
    Array.from({ length: 2_000 }, (_, number) => drawn(seed, number).fault.name);
  expect(names(1)).toEqual(names(1));
  expect(names(1)).not.toEqual(names(2));
  expect([...new Set(names(1))]).toEqual(expect.arrayContaining(FAULTS.map(({ name }) => name)));
});

it("a minute of the random mix counts as many faults as it contains", () => {
  expect(drawn(1, 0).faults).toBe(1);
  expect(drawn(1, 1).fault.name).toMatch(/^soup --seed \d+ --seconds 60$/);
  expect(drawn(1, 1).faults).toBeGreaterThan(20);
});

it("is over after enough orders and enough faults", () => {
  const goal = { seed: 1, orders: 2_000, faults: 2, perSecond: 100 };
  expect(isReached(goal, totalOf([piece]))).toBe(false);
  expect(isReached({ ...goal, faults: 3 }, totalOf([piece, piece]))).toBe(false);
  expect(isReached(goal, totalOf([piece, piece]))).toBe(true);
});

it.each(["lost", "duplicated", "unexpected", "impossible"] as const)(
  "one order %s in one piece makes the whole run unclean, and appears in its books",
  (kind) => {
    expect(isClean(totalOf([piece, piece]))).toBe(true);
    const total = totalOf([piece, { ...piece, [kind]: 1 }, piece]);
    expect(isClean(total)).toBe(false);
    expect(bookRows(total)).toContainEqual([kind, "1"]);
  },
);

it("a broken promise makes it unclean, and a late answer is reported", () => {
  const late = { ...piece, late: ["R6: a request took 11.0 s"] };
  expect(isClean(totalOf([{ ...piece, broken: ["R4: no problem"] }]))).toBe(false);
  expect(isClean(totalOf([late]))).toBe(true);
  expect(lineOf(late)).toContain("LATE R6: a request took 11.0 s");
});

it("shows its progress and the time left", () => {
  expect(progressOf(totalOf([piece]), 1_000_000)).toBe(
    "1,000 of 1,000,000 orders, 1 faults, 0 wrong, about 10.0 h left",
  );
});

it("a piece that held when it was repeated counts as held, and what its first try has lost stays in the books", () => {
  const broken = { ...piece, broken: ["R4: no problem"] };
  const total = totalOf([broken, piece]);
  expect(total).toMatchObject({ pieces: 2, repeatedPieces: 1, brokenPieces: 0, orders: 2_000 });
  expect(isClean(total)).toBe(true);
  expect(isClean(totalOf([piece, broken]))).toBe(false);
  expect(isClean(totalOf([{ ...broken, lost: 1 }, piece]))).toBe(false);
  expect(millionPage(1, [broken, piece], total)).toContain(
    "piece 0, broker-kill: R4: no problem (mended: it held when the piece was repeated)",
  );
});
