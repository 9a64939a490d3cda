import { SetupError } from "@cloud-design/local/supervisor/part";
import { type Session, type SessionOptions, startSession } from "./session.ts";

export interface Forward {
  /** Settles when it is closed; rejects if it is down and cannot be opened again. */
  done: Promise<void>;
  close(): Promise<void>;
}

/** A port that stays forwarded: Session Manager ends an idle session, and then this opens the next one. */
export async function keepForwarded(options: SessionOptions): Promise<Forward> {
  let session = await startSession(options);
  let isClosing = false;
  async function keep(): Promise<void> {
    for (;;) {
      await session.ended;
      if (isClosing) return;
      session = await next(options);
      if (isClosing) return session.close();
    }
  }
  const done = keep();
  done.catch(() => {}); // the caller that waits for it gets the error
  return {
    done,
    async close() {
      isClosing = true;
      await session.close();
      await done.catch(() => {});
    },
  };
}

function next(options: SessionOptions): Promise<Session> {
  return startSession(options).catch((error: Error) => {
    throw new SetupError(
      `The tunnel is down: its task has ended, or cannot be reached. Open it again. (${error.message})`,
    );
  });
}
