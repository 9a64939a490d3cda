import type { Replay } from "@cloud-design/core/billing/dead-letter";
import type { Walk } from "@cloud-design/core/broker";
import type { Letter } from "./protocol.ts";

/** A dead letter that this process holds and that is invisible to others. It returns to the queue unless it is taken out. */
export interface HeldLetter {
  letter: Letter;
  /** Resolves once the message is stored in the queue that it originally came from; the dead letter still exists then. */
  send(replay: Replay): Promise<void>;
  takeOut(): Promise<void>;
}

/** The dead letters of one queue, in SQS or RabbitMQ. */
export interface DeadLetterQueue {
  /**
   * Shows up to LOOK_MAX dead letters that stay, and any number that are taken out. Throws one sentence when the queue
   * does not answer.
   */
  walk(visit: (held: HeldLetter) => Promise<void>, isOver: () => boolean): Promise<Walk>;
  close(): Promise<void>;
}
