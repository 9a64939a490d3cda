import { startAge } from "@cloud-design/core/age";

interface Renewal {
  everySeconds: number;
  /** Called when the value could not be made again. */
  onFailure: (error: unknown) => void;
}

/**
 * Caches the value of `make`. A call that finds it older than `everySeconds` makes it again. If that fails, the
 * previous value is used for the same time once more; without a previous value the call rejects.
 */
export function renewed<T>(make: () => Promise<T>, { everySeconds, onFailure }: Renewal): () => Promise<T> {
  let current: Promise<T> | undefined;
  let age = startAge();
  return () => {
    const before = current;
    if (before && age() < everySeconds * 1_000) return before;
    age = startAge();
    current = make().catch((error: unknown) => {
      if (before === undefined) {
        current = undefined;
        throw error;
      }
      onFailure(error);
      return before;
    });
    return current;
  };
}
