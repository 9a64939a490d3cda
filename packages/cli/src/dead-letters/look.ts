import { ListAnswer, type QueueName } from "@cloud-design/functions/dead-letters/protocol";
import type { DeadLettersClient } from "./client.ts";
import type { Listed } from "./overview.ts";

/** The dead letters of these queues; changes nothing. */
export async function look(client: DeadLettersClient, queues: readonly QueueName[]): Promise<Listed[]> {
  const listed: Listed[] = [];
  for (const queue of queues) {
    listed.push({ queue, ...ListAnswer.parse(await client.ask({ action: "list", queue })) });
  }
  return listed;
}

/** One sentence for each queue that holds more than was read. */
export function boundsOf(listed: readonly Pick<Listed, "queue" | "looked" | "total">[]): string[] {
  return listed
    .filter(({ looked, total }) => looked < total)
    .map(
      ({ queue, looked, total }) =>
        `${queue}: only the first ${looked.toLocaleString("en")} of ${total.toLocaleString("en")} dead letters were read.`,
    );
}
