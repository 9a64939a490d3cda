import type { Replay } from "@cloud-design/core/billing/dead-letter";
import type { Walk } from "@cloud-design/core/broker";
import type { Letter } from "./protocol.ts";

/** A dead letter in hand: nobody else sees it meanwhile. What is not taken out goes back. */
export interface HeldLetter {
  letter: Letter;
  /** Resolves once the message is safe in the queue that it had come from; the letter is still here then. */
  send(replay: Replay): Promise<void>;
  takeOut(): Promise<void>;
}

/** One hop's dead letters, whatever keeps them. */
export interface DeadLetterQueue {
  /** Shows up to LOOK_MAX letters that stay, and any number that do not. Throws one sentence when the queue does not answer. */
  walk(visit: (held: HeldLetter) => Promise<void>, isOver: () => boolean): Promise<Walk>;
  close(): Promise<void>;
}
