import { BEGINNING, erasePerson, findPerson, type Place, type Step } from "@cloud-design/core/billing/person";
import type { Database } from "@cloud-design/core/database";
import type { EraseAnswer, ExportAnswer, PersonRequest } from "./protocol.ts";

/** How long a request continues: the caller sees its progress and asks again. */
const SLICE_MILLISECONDS = 2_000;
/** With those of the last step about 4 MB; an answer of Lambda may have 6 MB. */
const ROWS_MAX = 4_000;

/** The record of a request, written before any row is read. It says nothing of the person. */
export type Asked = Pick<PersonRequest, "action" | "by">;

/** Answers an operator's request. Throws `DomainError("unavailable")` when the database does not answer. */
export async function answer(
  request: PersonRequest,
  { run, record }: { run: Database["run"]; record: (asked: Asked) => void },
): Promise<ExportAnswer | EraseAnswer> {
  const { action, by, owner, from = BEGINNING } = request;
  record({ action, by });
  if (action === "export") {
    const found: Omit<ExportAnswer, "next"> = { orders: [], rejections: [] };
    const next = await walk(from, async (place) => {
      const { rows, ...step } = await run((db) => findPerson(db, owner, place));
      found[place.table].push(...rows);
      return { ...step, isEnough: found.orders.length + found.rejections.length >= ROWS_MAX };
    });
    return { ...found, next };
  }
  const erased = { orders: 0, rejections: 0 };
  const next = await walk(from, async (place) => {
    const step = await run((db) => erasePerson(db, owner, place));
    erased[place.table] += step.erased;
    return step;
  });
  return { ...erased, next };
}

/** Walks until the end, or until time or space is used up. Returns where to continue. */
async function walk(
  from: Place,
  visit: (place: Place) => Promise<Step & { isEnough?: boolean }>,
): Promise<Place | null> {
  const until = performance.now() + SLICE_MILLISECONDS;
  for (let place = from; ; ) {
    const { next, isEnough } = await visit(place);
    if (next === undefined) return null;
    if (isEnough || performance.now() > until) return next;
    place = next;
  }
}
