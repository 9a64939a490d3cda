import type { LetterSummary, QueueName } from "@cloud-design/functions/dead-letters/protocol";
import { printableLine } from "@cloud-design/local/terminal/readable-line";
import { table } from "@cloud-design/local/terminal/table";

/** The dead letters of one queue, as far as they were read. */
export interface Listed {
  queue: QueueName;
  looked: number;
  total: number;
  letters: LetterSummary[];
}

export interface Group {
  queue: QueueName;
  cause: string;
  count: number;
  oldest: string | undefined;
}

/** How many dead letters have which cause, the most frequent first. */
export function groupByCause(listed: readonly Listed[]): Group[] {
  return listed.flatMap(({ queue, letters }) => {
    const causes = Map.groupBy(letters, ({ cause }) => cause);
    const groups = [...causes].map(([cause, those]) => ({
      queue,
      cause,
      count: those.length,
      oldest: those.flatMap(({ since }) => since ?? []).toSorted()[0],
    }));
    return groups.toSorted((one, other) => other.count - one.count);
  });
}

export function groupTable(groups: readonly Group[]): string {
  const rows = groups.map(({ queue, cause, count, oldest }) => [
    queue,
    String(count),
    moment(oldest),
    printableLine(cause),
  ]);
  return table([["QUEUE", "COUNT", "OLDEST", "CAUSE"], ...rows], [1]);
}

/** ISO 8601 to the second, in the form that people read. */
export function moment(iso: string | undefined): string {
  return iso === undefined ? "-" : `${iso.slice(0, 19).replace("T", " ")} UTC`;
}
