/** An order as a client sees it: what it sent, and the answer it got. */
export interface Operation {
  /** A user id that only this order has, so that it can be found even if no answer came. */
  userId: number;
  numberOfItems: number;
  /** Two decimals. */
  totalAmount: string;
  /**
   * `acknowledged` by a 2xx; `indeterminate` if a try got no answer or a 5xx: it may exist, once; `refused` if each try got a 4xx, so it
   * must not exist.
   */
  outcome: "acknowledged" | "refused" | "indeterminate";
  /** Whether a premium user sent it. */
  isPremium?: boolean;
  /** Every id that an answer gave it; more than one is a fault. */
  ids: readonly string[];
}

export interface OrderRow {
  id: string;
  userId: number;
  numberOfItems: number;
  totalAmount: string;
}

export interface Books {
  operations: readonly Operation[];
  /** All rows of the table `orders` whose user belongs to this run. */
  orders: readonly OrderRow[];
  /** Ids in the table `rejections`. */
  rejected: ReadonlySet<string>;
  /** The API's status of an id once everything is at rest. */
  statuses: ReadonlyMap<string, string>;
}

/** Sentences, or ids. The books are right when the first four are empty. */
export interface Verdict {
  /** Acknowledged, and neither recorded nor rejected. */
  lost: string[];
  /** More than one row for one order. */
  duplicated: string[];
  /** A row that no client asked for, or of a refused order. */
  unexpected: string[];
  /** Contradictions: another content, another id, a status that differs from the tables. */
  impossible: string[];
  /** Indeterminate, and recorded. */
  recovered: string[];
}

/**
 * Compares the answers to the clients with the stored orders, once everything is at rest. Modelled on the total-queue checker of Jepsen:
 * an order is its enqueue, and a row its dequeue.
 */
export function checkBooks({ operations, orders, rejected, statuses }: Books): Verdict {
  const rowsOf = Map.groupBy(orders, ({ userId }) => userId);
  const known = new Map(operations.map((operation) => [operation.userId, operation]));
  const rows = (operation: Operation) => rowsOf.get(operation.userId) ?? [];
  const isSettled = (operation: Operation) =>
    rows(operation).length > 0 || operation.ids.some((id) => rejected.has(id));
  const of = (outcome: Operation["outcome"]) =>
    operations.filter((operation) => operation.outcome === outcome);
  return {
    lost: of("acknowledged")
      .filter((operation) => !isSettled(operation))
      .map(({ ids }) => ids.join(", ")),
    duplicated: [...rowsOf.values()].filter((same) => same.length > 1).map((same) => idsOf(same)),
    unexpected: [
      ...orders.filter(({ userId }) => !known.has(userId)).map(({ id }) => id),
      ...of("refused").flatMap((operation) => rows(operation).map(({ id }) => id)),
    ],
    impossible: [
      ...operations.flatMap((operation) => contradictions(operation, rows(operation))),
      ...falseStatuses(orders, rejected, statuses),
    ],
    recovered: of("indeterminate")
      .filter(isSettled)
      .map((operation) => operation.ids[0] ?? idsOf(rows(operation))),
  };
}

/** Whether no order was lost, doubled, invented or altered. */
export function isRight({ lost, duplicated, unexpected, impossible }: Verdict): boolean {
  return [lost, duplicated, unexpected, impossible].every((found) => found.length === 0);
}

function contradictions(operation: Operation, rows: readonly OrderRow[]): string[] {
  const { ids, userId, numberOfItems, totalAmount } = operation;
  const several = new Set(ids).size > 1 ? [`${ids.join(" and ")} were given to one order`] : [];
  return [
    ...several,
    ...rows.flatMap((row) => [
      ...(row.numberOfItems === numberOfItems && row.totalAmount === totalAmount
        ? []
        : [`${row.id} of user ${userId} was stored as another order`]),
      ...(ids.length === 0 || ids.includes(row.id) ? [] : [`${ids[0]} was stored as ${row.id}`]),
    ]),
  ];
}

function falseStatuses(
  orders: readonly OrderRow[],
  rejected: ReadonlySet<string>,
  statuses: ReadonlyMap<string, string>,
): string[] {
  const recorded = new Set(orders.map(({ id }) => id));
  return [...statuses].flatMap(([id, status]) => {
    const expected = recorded.has(id) ? "recorded" : rejected.has(id) ? "rejected" : "accepted";
    return status === expected ? [] : [`${id} is called ${status} and is ${expected}`];
  });
}

function idsOf(rows: readonly OrderRow[]): string {
  return rows.map(({ id }) => id).join(", ");
}
