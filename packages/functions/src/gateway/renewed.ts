import { startAge } from "@cloud-design/core/age";

interface Renewal {
  everySeconds: number;
  /** Told when the value could not be made again. */
  onFailure: (error: unknown) => void;
}

/**
 * The value of `make`, made again when somebody asks and it is older than `everySeconds`. When that fails, the one before serves for as long
 * again; without one before, the failure is the caller's.
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
