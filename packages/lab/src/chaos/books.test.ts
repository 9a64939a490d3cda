import { describe, expect, it } from "vitest";
import { type Books, checkBooks, isRight, type Operation, type OrderRow } from "./books.ts";

const CONTENT = { numberOfItems: 5, totalAmount: "180.00" };

function operation(userId: number, outcome: Operation["outcome"] = "acknowledged"): Operation {
  return { userId, ...CONTENT, outcome, ids: outcome === "acknowledged" ? [`ord_${userId}`] : [] };
}

function row(userId: number, id = `ord_${userId}`): OrderRow {
  return { id, userId, ...CONTENT };
}

const check = (books: Partial<Books>) =>
  checkBooks({ operations: [], orders: [], rejected: new Set(), statuses: new Map(), ...books });

describe("the books", () => {
  it("is right when every acknowledged order is recorded once or rejected", () => {
    const verdict = check({
      operations: [operation(1), operation(2), operation(3, "refused"), operation(4, "indeterminate")],
      orders: [row(1)],
      rejected: new Set(["ord_2"]),
      statuses: new Map([
        ["ord_1", "recorded"],
        ["ord_2", "rejected"],
      ]),
    });
    expect(verdict).toEqual({ lost: [], duplicated: [], unexpected: [], impossible: [], recovered: [] });
    expect(isRight(verdict)).toBe(true);
  });

  it("counts an indeterminate order that exists as recovered, which is not a fault", () => {
    const verdict = check({ operations: [operation(1, "indeterminate")], orders: [row(1)] });
    expect(verdict.recovered).toEqual(["ord_1"]);
    expect(isRight(verdict)).toBe(true);
  });

  it("counts an order that was rejected and then recorded by a replay as recorded", () => {
    const statuses = new Map([["ord_1", "recorded"]]);
    const verdict = check({
      operations: [operation(1)],
      orders: [row(1)],
      rejected: new Set(["ord_1"]),
      statuses,
    });
    expect(isRight(verdict)).toBe(true);
  });

  it.each<[string, keyof ReturnType<typeof checkBooks>, Partial<Books>]>([
    ["an acknowledged order without a row", "lost", { operations: [operation(1)] }],
    ["two rows of one order", "duplicated", { operations: [operation(1)], orders: [row(1), row(1)] }],
    [
      "two rows of an indeterminate order",
      "duplicated",
      { operations: [operation(1, "indeterminate")], orders: [row(1), row(1, "ord_other")] },
    ],
    ["a row that no client asked for", "unexpected", { orders: [row(1)] }],
    ["a row of a refused order", "unexpected", { operations: [operation(1, "refused")], orders: [row(1)] }],
    [
      "another content",
      "impossible",
      { operations: [operation(1)], orders: [{ ...row(1), totalAmount: "180.01" }] },
    ],
    ["another id", "impossible", { operations: [operation(1)], orders: [row(1, "ord_other")] }],
    [
      "two ids for one order",
      "impossible",
      { operations: [{ ...operation(1), ids: ["ord_1", "ord_other"] }], orders: [row(1)] },
    ],
    [
      "a status that the tables deny",
      "impossible",
      { operations: [operation(1)], orders: [row(1)], statuses: new Map([["ord_1", "accepted"]]) },
    ],
    [
      "a lost order that the API calls recorded",
      "lost",
      { operations: [operation(1)], statuses: new Map([["ord_1", "recorded"]]) },
    ],
  ])("call %s %s", (_what, kind, books) => {
    const verdict = check(books);
    expect(verdict[kind]).not.toEqual([]);
    expect(isRight(verdict)).toBe(false);
  });
});
