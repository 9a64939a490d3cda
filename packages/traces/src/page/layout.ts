// The positions of all boxes: one drawing for a screen, one for a telephone. In pixels of the drawing, which is scaled to the page.
import type { ArrowName, BoxName } from "./figures.ts";

/** From the left and from the top. */
export type Point = [x: number, y: number];

export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A layout may leave out arrows for which it has no room. */
export interface Layout {
  width: number;
  height: number;
  boxes: Readonly<Record<BoxName, Place>>;
  arrows: Readonly<Partial<Record<ArrowName, readonly Point[]>>>;
  words: readonly { x: number; y: number; text: string }[];
}

const [WIDTH, HEIGHT, LOW] = [176, 118, 66];

/** Six columns: requests go along the top, orders along the middle, dead letters are at the bottom. */
const column = (number: number) => number * 206;
const [TOP, MIDDLE, BOTTOM] = [4, 172, 340];
const WIDE: Layout = {
  width: column(5) + WIDTH,
  height: BOTTOM + LOW + 4,
  boxes: {
    client: at(column(0), TOP),
    gateway: at(column(1), TOP),
    inventory: at(column(4), TOP),
    movies: at(column(5), TOP),
    orders: at(column(1), MIDDLE),
    "order-bridge": at(column(2), MIDDLE),
    billing_queue: at(column(3), MIDDLE),
    billing: at(column(4), MIDDLE),
    ordersTable: at(column(5), MIDDLE),
    ordersDead: at(column(1), BOTTOM, LOW),
    billingDead: at(column(3), BOTTOM, LOW),
    total: at(column(0), MIDDLE),
  },
  arrows: {
    "client>gateway": [
      [column(0) + WIDTH, 62],
      [column(1), 62],
    ],
    "gateway>inventory": [
      [column(1) + WIDTH, 48],
      [column(4), 48],
    ],
    "gateway>billing": [
      [column(1) + WIDTH, 84],
      [column(4) - 15, 84],
      [column(4) - 15, 204],
      [column(4), 204],
    ],
    "inventory>movies": [
      [column(4) + WIDTH, 62],
      [column(5), 62],
    ],
    "gateway>orders": [
      [column(1) + WIDTH / 2, TOP + HEIGHT],
      [column(1) + WIDTH / 2, MIDDLE],
    ],
    "orders>bridge": [
      [column(1) + WIDTH, 231],
      [column(2), 231],
    ],
    "bridge>billing_queue": [
      [column(2) + WIDTH, 231],
      [column(3), 231],
    ],
    "billing_queue>billing": [
      [column(3) + WIDTH, 240],
      [column(4), 240],
    ],
    "billing>ordersTable": [
      [column(4) + WIDTH, 231],
      [column(5), 231],
    ],
    "orders>ordersDead": [
      [column(1) + 62, MIDDLE + HEIGHT],
      [column(1) + 62, BOTTOM],
    ],
    "ordersDead>orders": [
      [column(1) + 114, BOTTOM],
      [column(1) + 114, MIDDLE + HEIGHT],
    ],
    "billing_queue>billingDead": [
      [column(3) + 62, MIDDLE + HEIGHT],
      [column(3) + 62, BOTTOM],
    ],
    "billingDead>billing_queue": [
      [column(3) + 114, BOTTOM],
      [column(3) + 114, MIDDLE + HEIGHT],
    ],
  },
  words: [
    { x: column(2) + 44, y: 38, text: "movies: reads and writes" },
    { x: column(2) + 44, y: 104, text: "status of an order" },
    { x: column(1) + 126, y: 319, text: "replay" },
    { x: column(3) + 126, y: 319, text: "replay" },
  ],
};

/** Two columns: the order's hops down the left, the branches at the right. */
const row = (number: number) => 4 + number * (HEIGHT + 30);
const RIGHT = WIDTH + 24;
const NARROW: Layout = {
  width: RIGHT + WIDTH,
  height: row(6) + HEIGHT + 4,
  boxes: {
    client: at(0, row(0)),
    gateway: at(0, row(1)),
    orders: at(0, row(2)),
    "order-bridge": at(0, row(3)),
    billing_queue: at(0, row(4)),
    billing: at(0, row(5)),
    ordersTable: at(0, row(6)),
    total: at(RIGHT, row(0)),
    inventory: at(RIGHT, row(1)),
    movies: at(RIGHT, row(2)),
    ordersDead: at(RIGHT, row(3), LOW),
    billingDead: at(RIGHT, row(5), LOW),
  },
  arrows: {
    "client>gateway": down(0),
    "gateway>inventory": [
      [WIDTH, row(1) + 60],
      [RIGHT, row(1) + 60],
    ],
    "inventory>movies": [
      [RIGHT + WIDTH / 2, row(1) + HEIGHT],
      [RIGHT + WIDTH / 2, row(2)],
    ],
    "gateway>orders": down(1),
    "orders>bridge": down(2),
    "bridge>billing_queue": down(3),
    "billing_queue>billing": down(4),
    "billing>ordersTable": down(5),
    "orders>ordersDead": [
      [WIDTH, row(2) + 100],
      [WIDTH + 12, row(2) + 100],
      [WIDTH + 12, row(3) + 30],
      [RIGHT, row(3) + 30],
    ],
    "billing_queue>billingDead": [
      [WIDTH, row(4) + 100],
      [WIDTH + 12, row(4) + 100],
      [WIDTH + 12, row(5) + 30],
      [RIGHT, row(5) + 30],
    ],
  },
  words: [],
};

export const layoutOf = (isNarrow: boolean): Layout => (isNarrow ? NARROW : WIDE);

function at(x: number, y: number, height = HEIGHT): Place {
  return { x, y, width: WIDTH, height };
}

function down(number: number): Point[] {
  return [
    [WIDTH / 2, row(number) + HEIGHT],
    [WIDTH / 2, row(number + 1)],
  ];
}
