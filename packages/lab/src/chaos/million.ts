import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { localDirectory } from "@cloud-design/local/platform/settings";
import { explain } from "@cloud-design/local/supervisor/errors";
import * as z from "zod";
import type { Fault } from "./fault.ts";
import { FAULTS } from "./faults/index.ts";
import type { Lab } from "./lab.ts";
import { randomFrom } from "./random.ts";
import { type Result, runFault } from "./run-fault.ts";
import { recipe, soup } from "./soup.ts";

const SOUP_SECONDS = 60;
/** A laboratory keeps every order, log line and span: a new one limits the disk space and the time of queries. */
const PIECES_OF_A_LAB = 10;
/** A piece without books, because the laboratory itself failed, is repeated in a new laboratory. */
const TRIES_MAX = 3;

export interface Goal {
  seed: number;
  orders: number;
  faults: number;
  /** Orders a second. */
  perSecond: number;
}

const count = z.number().int().nonnegative();

/** One piece, as a line of the journal. */
const Piece = z.object({
  number: count,
  fault: z.string(),
  faults: count,
  startedAt: z.string(),
  seconds: z.number(),
  orders: count,
  accepted: count,
  indeterminate: count,
  recorded: count,
  rejected: count,
  lost: count,
  duplicated: count,
  unexpected: count,
  impossible: count,
  recovered: count,
  slowestSeconds: z.number(),
  recoverySeconds: z.number().nullable(),
  broken: z.array(z.string()),
  late: z.array(z.string()),
  /** Why earlier attempts of this piece had no books. */
  abandoned: z.array(z.string()),
});
export type Piece = z.output<typeof Piece>;

/**
 * The fault of a piece, and how many faults it counts as: a fault of the table and a minute of the random mix in turn. The same for the same
 * seed and number, whatever ran before it.
 */
export function drawn(seed: number, number: number): { fault: Fault; faults: number } {
  const random = randomFrom(seed + number * 7_919);
  const fault = FAULTS[Math.floor(random() * FAULTS.length)];
  if (number % 2 === 0 && fault) return { fault, faults: 1 };
  const soupSeed = Math.floor(random() * 1_000_000);
  return { fault: soup(soupSeed, SOUP_SECONDS), faults: recipe(soupSeed, SOUP_SECONDS).length };
}

/** The journal of a seed, in the state of this clone. */
export function journalOf(seed: number): string {
  return join(localDirectory(), "chaos", `million-${seed}.ndjson`);
}

/** The finished pieces. The last line of a killed run may be incomplete and is then left out. */
export function readPieces(journal: string): Piece[] {
  if (!existsSync(journal)) return [];
  const lines = readFileSync(journal, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => Piece.parse(JSON.parse(line)));
}

/** Each piece as it ended: one that was repeated counts as it went the last time. */
function lastTries(pieces: readonly Piece[]): Piece[] {
  return [...new Map(pieces.map((piece) => [piece.number, piece])).values()];
}

/** The numbers of the pieces that have broken a promise, also when they were repeated. */
export function stillBroken(pieces: readonly Piece[]): number[] {
  return lastTries(pieces).flatMap(({ number, broken }) => (broken.length > 0 ? [number] : []));
}

/** The sums of all pieces, repeated ones too: the books of the whole run. */
export function totalOf(pieces: readonly Piece[]) {
  const sum = (of: (piece: Piece) => number) => pieces.reduce((total, piece) => total + of(piece), 0);
  return {
    pieces: pieces.length,
    faults: sum(({ faults }) => faults),
    orders: sum(({ orders }) => orders),
    accepted: sum(({ accepted }) => accepted),
    recorded: sum(({ recorded }) => recorded),
    rejected: sum(({ rejected }) => rejected),
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated),
    unexpected: sum(({ unexpected }) => unexpected),
    impossible: sum(({ impossible }) => impossible),
    indeterminate: sum(({ indeterminate }) => indeterminate),
    recovered: sum(({ recovered }) => recovered),
    brokenPieces: stillBroken(pieces).length,
    repeatedPieces: pieces.length - lastTries(pieces).length,
    latePieces: pieces.filter(({ late }) => late.length > 0).length,
    abandonedTries: sum(({ abandoned }) => abandoned.length),
    hours: sum(({ seconds }) => seconds) / 3_600,
  };
}
export type Total = ReturnType<typeof totalOf>;

export function isReached(goal: Goal, { orders, faults }: Total): boolean {
  return orders >= goal.orders && faults >= goal.faults;
}

/**
 * Runs one piece after the other until the goal is reached, and writes each into the journal when its books are complete: an interrupted run
 * continues with the piece that it was in. First it repeats the pieces of the journal that have broken a promise, because the cause may be mended
 * since. Throws if a piece has no books three times, because the laboratory fails each time.
 */
export async function runMillion(
  goal: Goal,
  journal: string,
  report: { doing(what: string): void; done(piece: Piece, total: Total): void },
  openLab: (say: (doing: string) => void) => Promise<Lab>,
): Promise<Piece[]> {
  mkdirSync(dirname(journal), { recursive: true });
  const pieces = readPieces(journal);
  const again = stillBroken(pieces);
  let abandoned: string[] = [];
  const isOver = () => again.length === 0 && isReached(goal, totalOf(pieces));
  while (!isOver()) {
    try {
      await using lab = await openLab(report.doing);
      for (let ofLab = 0; ofLab < PIECES_OF_A_LAB && !isOver(); ofLab++) {
        const number = again[0] ?? lastTries(pieces).length;
        const piece = { ...(await runPiece(goal, number, lab, report.doing)), abandoned };
        if (piece.broken.length > 0) await keepEvidence(lab, evidenceOf(journal, piece));
        appendFileSync(journal, `${JSON.stringify(piece)}\n`);
        again.shift();
        pieces.push(piece);
        abandoned = [];
        report.done(piece, totalOf(pieces));
      }
    } catch (error) {
      abandoned = [...abandoned, explain(error)];
      if (abandoned.length === TRIES_MAX) throw error;
    }
  }
  return pieces;
}

/** The folder with the evidence of a piece that has broken a promise, beside the journal. */
export function evidenceOf(journal: string, { number }: Pick<Piece, "number">): string {
  return journal.replace(/\.ndjson$/, `-piece-${number}`);
}

/** Copies the logs of a laboratory, which leaves nothing behind, and the state of the broker's queues. */
async function keepEvidence(lab: Lab, folder: string): Promise<void> {
  const logs = { platform: "logs", servers: "../logs", fleet: "fleet" };
  for (const [name, from] of Object.entries(logs)) {
    const path = join(lab.directory, from);
    if (existsSync(path)) cpSync(path, join(folder, name), { recursive: true });
  }
  const columns = ["name", "state", "messages_ready", "messages_unacknowledged", "consumers"];
  const queues = await lab.broker.control("list_queues", ...columns).catch(String);
  writeFileSync(join(folder, "queues.txt"), queues);
}

async function runPiece(
  { seed, perSecond }: Goal,
  number: number,
  lab: Lab,
  say: (doing: string) => void,
): Promise<Omit<Piece, "abandoned">> {
  const { fault, faults } = drawn(seed, number);
  const began = performance.now();
  const result = await runFault(fault, lab, (doing) => say(`${fault.name}: ${doing}`), perSecond);
  return { number, faults, seconds: (performance.now() - began) / 1_000, ...figuresOf(result) };
}

function figuresOf(result: Result) {
  const { fault, startedAt, orders, indeterminate, recorded, rejected, verdict, broken, late } = result;
  const { slowestSeconds, recoverySeconds } = result;
  return {
    fault,
    startedAt,
    orders,
    indeterminate,
    recorded,
    rejected,
    broken,
    late,
    slowestSeconds,
    accepted: result.acknowledged,
    lost: verdict.lost.length,
    duplicated: verdict.duplicated.length,
    unexpected: verdict.unexpected.length,
    impossible: verdict.impossible.length,
    recovered: verdict.recovered.length,
    recoverySeconds: Number.isFinite(recoverySeconds) ? recoverySeconds : null,
  };
}
