/** The limits of the two functions of an import and of their queues: the same numbers on AWS and on the laptop. */
export const IMPORT_SPLITTER = {
  /** 25 MiB take 10 s with the third of a processor that 512 MB give. Beyond 120 s something hangs. */
  timeoutSeconds: 120,
  memoryMegabytes: 512,
  /**
   * For NODE_OPTIONS. With these, 25 MiB of films take 130 to 170 MB; without them V8 lets garbage lie up to 290 MB. The
   * function itself holds less than half of it: the modules, a digest of each row and some chunks.
   */
  nodeOptions: "--max-semi-space-size=4 --max-old-space-size=128",
  /** Six times the function's time-out, as AWS recommends. */
  visibilitySeconds: 720,
  /** With pauses of up to ten minutes these outlast an outage of four hours. A file that ends the function each time is given up after six. */
  receivesMax: 30,
  /** One file at a time in a function: its memory is bounded for one. */
  batchSize: 1,
  /** Lambda's minimum. Files wait for each other: the loaders are slower anyway. */
  concurrency: 2,
} as const;

export const IMPORT_LOADER = {
  /** Longer than 3 s of waiting for a slot, 6 s for its object and twice 6 s for the database, of which most is needed only when something hangs. */
  timeoutSeconds: 25,
  memoryMegabytes: 256,
  /** Six times the function's time-out, as AWS recommends. */
  visibilitySeconds: 150,
  /**
   * The maximum of SQS. A chunk comes back when no slot is free, and while the database is away: a thousand receives with
   * pauses of 15 s on average outlast four hours of both.
   */
  receivesMax: 1_000,
  batchSize: 1,
  /**
   * Lambda's minimum, for an account may have ten executions in all. A chunk takes some 0.2 s, so two loaders can use more than
   * the budget, which holds with any number of them.
   */
  concurrency: 2,
} as const;
