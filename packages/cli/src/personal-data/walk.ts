import type { Place } from "@cloud-design/core/billing/person";
import type { QueueName } from "@cloud-design/functions/dead-letters/protocol";
import { QUEUE_NAMES } from "@cloud-design/functions/dead-letters/protocol";
import type { PersonRequest } from "@cloud-design/functions/personal-data/protocol";
import { boundsOf, look } from "../dead-letters/look.ts";
import type { Person, PersonStore } from "./store.ts";

/** Repeats a request until both tables are walked through. An interrupt loses nothing: the next walk begins anew. */
export async function walk(
  store: PersonStore,
  request: Omit<PersonRequest, "from" | "by">,
  take: (answer: unknown) => { next: Place | null },
): Promise<void> {
  for (let from: Place | undefined; ; ) {
    const { next } = take(await store.ask({ ...request, from, by: store.by }));
    if (next === null) return;
    from = next;
  }
}

/** The dead letters with this owner, and one sentence for each queue that could not be read to its end. */
export async function lettersOf(
  { letters }: PersonStore,
  { owner }: Person,
): Promise<{ found: { queue: QueueName; id: string }[]; bounds: string[] }> {
  const listed = await look(letters, QUEUE_NAMES);
  return {
    // Several dead letters may have one id.
    found: listed.flatMap(({ queue, letters }) => {
      const ids = letters.filter((letter) => letter.owner === owner).map(({ id }) => id);
      return [...new Set(ids)].map((id) => ({ queue, id }));
    }),
    bounds: boundsOf(listed),
  };
}
