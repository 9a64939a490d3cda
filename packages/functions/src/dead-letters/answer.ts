import { DomainError } from "@cloud-design/core/errors";
import { change, type Entry } from "./change.ts";
import type { DeadLetterQueue } from "./dead-letter-queue.ts";
import {
  type ChangeAnswer,
  type DeadLettersRequest,
  type Letter,
  LetterSummary,
  type ListAnswer,
  type QueueName,
  type ShowAnswer,
} from "./protocol.ts";

export interface DeadLettersDependencies {
  queues: Record<QueueName, DeadLetterQueue>;
  record(entry: Entry): void;
}

const WAITED_FOR = { orders: "SQS", billing: "RabbitMQ" };

/**
 * Answers an operator's request for one queue. Throws `DomainError("unavailable")` with one sentence when the queue
 * does not answer.
 */
export async function answer(
  request: DeadLettersRequest,
  deps: DeadLettersDependencies,
): Promise<ListAnswer | ShowAnswer | ChangeAnswer> {
  try {
    return await carryOut(request, deps);
  } catch (cause) {
    const sentence = `${WAITED_FOR[request.queue]} does not answer as it should: ${saidBy(cause)}.`;
    throw new DomainError("unavailable", sentence, { cause });
  }
}

function carryOut(request: DeadLettersRequest, deps: DeadLettersDependencies) {
  const queue = deps.queues[request.queue];
  switch (request.action) {
    case "list":
      return collect(
        queue,
        () => true,
        (letter) => LetterSummary.parse(letter),
      );
    case "show":
      return collect(
        queue,
        ({ id }) => id === request.id,
        (letter) => letter,
      );
    default:
      return change(request, queue, deps.record);
  }
}

async function collect<T>(
  queue: DeadLetterQueue,
  isWanted: (letter: Letter) => boolean,
  toAnswer: (letter: Letter) => T,
): Promise<{ letters: T[]; looked: number; total: number }> {
  const letters: T[] = [];
  const walk = await queue.walk(
    async ({ letter }) => {
      if (isWanted(letter)) letters.push(toAnswer(letter));
    },
    () => false,
  );
  return { letters, ...walk };
}

function saidBy(cause: unknown): string {
  const { message, code, name } = cause as Error & { code?: string };
  return (message || code || name).split("\n", 1).join().replace(/\.$/, "");
}
