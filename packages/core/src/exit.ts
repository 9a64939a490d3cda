/** For what still holds the event loop, such as a connection that the other side keeps open. */
const HELD_MS = 1_000;

/**
 * Ends the process with this code, by an event loop that has nothing left to do. `process.exit` waits for V8's compiler
 * threads, and one of them may wait for the main thread to collect garbage: then the process never ends
 * (nodejs/node issue 54918; on a busy machine one command in a hundred).
 */
export function exit(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(code), HELD_MS).unref();
}
