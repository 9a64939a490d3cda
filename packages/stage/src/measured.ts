/**
 * The work of one request or one order, for `npm run cost` and `npm run limits`. Measured on the laptop (two cores of an AMD EPYC, 30 November
 * 2026) or documented by AWS, except where a comment says "assumed". A Graviton core is another processor: correct these figures by the first
 * load test in an account.
 */

/** A figure for each read and for each order. */
export interface PerCall {
  read: number;
  order: number;
}

/** The reads of the load test (`packages/lab/src/load/scenarios.ts`), and how many writes come with each. */
export const A_READ = { movie: 50 / 80, list: 20 / 80, search: 10 / 80, write: 5 / 80 };

/** Processor time of our own processes, in milliseconds. A test compares it with docs/performance.md. */
export const CPU_MS = {
  movie: 0.08,
  write: 0.12,
  /** 100 movies whose title contains a word. */
  search: 0.21,
  /** 1,000 movies, as a list without `limit` has. */
  list: 1.01,
  /** From `billing_queue` to the row. */
  order: 0.041,
  /** In the function that accepts it. */
  acceptance: 0.61,
};
/** The same of a read in the load test, whose lists have 20 movies. */
export const READ_CPU_MS =
  A_READ.movie * CPU_MS.movie +
  A_READ.list * (CPU_MS.movie + (20 / 1_000) * (CPU_MS.list - CPU_MS.movie)) +
  A_READ.search * CPU_MS.search;

/** Lambda's full core in MB (Lambda developer guide, "Configure Lambda function memory"); a function gets its share by its memory. */
const MB_A_CORE = 1_769;
/** In MB; a test compares them with the templates. */
export const FUNCTION_MB = { gateway: 512, bridge: 256 };
/**
 * Assumed: the gateway's wait for the balancer and a service, or for SQS, in milliseconds. The laptop, which has no network, answers a read in
 * 2 ms and an order in 3 ms (docs/load.md).
 */
const NETWORK_MS = 20;
/** From the call of a function to its answer, in milliseconds. The bridge's is assumed: a batch with its confirms (docs/scaling.md). */
export const FUNCTION_MS = {
  gateway: (CPU_MS.acceptance * MB_A_CORE) / FUNCTION_MB.gateway + NETWORK_MS,
  bridge: 50,
};

/**
 * Processor time of PostgreSQL, in milliseconds: all its processes while one kind of request ran alone, eight at once, among 800 movies, without
 * their use at rest; an order in batches, from a full queue.
 */
export const DATABASE_CPU_MS = {
  movie: 0.11,
  page: 0.16,
  list: 0.93,
  search: 0.47,
  write: 0.27,
  order: 0.15,
};
/** The same of a read in the load test, whose lists are pages of 20, with the writes that come with it. */
export const READ_DATABASE_CPU_MS =
  A_READ.movie * DATABASE_CPU_MS.movie +
  A_READ.list * DATABASE_CPU_MS.page +
  A_READ.search * DATABASE_CPU_MS.search +
  A_READ.write * DATABASE_CPU_MS.write;
/** Assumed: how long a statement holds its connection through RDS Proxy, in milliseconds. */
export const STATEMENT_MS = 2;
/**
 * Pages that PostgreSQL reads and writes for an order among 50 million, half of which have an `Idempotency-Key`, whose ids are random
 * (docs/how/databases.md).
 */
export const ORDER_PAGES = 1.9;
/** Orders that one broker passed from a full quorum queue to billing (docs/performance.md). */
export const BROKER_ORDERS_A_SECOND = 20_300;
/** Orders that the ledger takes in a minute's run, as many as come in that minute: by its runs at 1,000 and 5,000 a second (docs/how/status.md). */
export const LEDGER_ORDERS_A_SECOND = 4_500;

/** Assumed: the bytes of the headers that CloudFront and API Gateway add to an answer. */
const EDGE_HEADER_BYTES = 200;
/** The bytes of an answer with its headers, without compression: CloudFront compresses only answers that it may cache. */
export const ANSWER_BYTES: PerCall = { read: 1_083 + EDGE_HEADER_BYTES, order: 488 + EDGE_HEADER_BYTES };
/** The bytes of a list of 1,000 movies. */
export const LIST_BYTES = 125_000;
/** The bytes of a request with its access token. */
export const REQUEST_BYTES = 1_400;

/** The events of a log and their bytes together, for each call. */
interface Logged {
  events: PerCall;
  bytes: PerCall;
}
/** The lines START, END and REPORT that Lambda itself writes for a call, after the Lambda developer guide, "Viewing CloudWatch logs for Lambda functions". */
const LAMBDA = { events: 3, bytes: 260 };
/** The logs of each part for 1,000 reads and 1,000 orders, with the lines that CloudWatch makes metrics of. Lambda's own lines are added. */
export const LOGS = {
  /** In the format of stacks/gateway.ts. */
  access: { events: { read: 1, order: 1 }, bytes: { read: 284, order: 281 } },
  gateway: {
    events: { read: LAMBDA.events, order: LAMBDA.events + 2 },
    bytes: { read: LAMBDA.bytes, order: LAMBDA.bytes + 514 },
  },
  bridge: { events: { read: 0, order: LAMBDA.events + 2 }, bytes: { read: 0, order: LAMBDA.bytes + 563 } },
  /** Its line of metrics a minute does not depend on requests. */
  inventory: { events: { read: 0, order: 0 }, bytes: { read: 0, order: 0 } },
  billing: { events: { read: 0, order: 1 }, bytes: { read: 0, order: 268 } },
} satisfies Record<string, Logged>;
/** CloudWatch counts so many bytes for each event besides its text (CloudWatch Logs API, "PutLogEvents"). */
export const LOG_EVENT_BYTES = 26;

/** Spans that a task sends through its collector, where a trace is kept; a function's go through Lambda, past the NAT. */
export const TASK_SPANS: PerCall = { read: 2, order: 3 };
/** The bytes of the journal that the status probe reads for an order through the NAT, once under load (docs/how/status.md). */
export const JOURNAL_BYTES = 470;
/** Assumed: the bytes of a span as X-Ray takes it. */
export const SPAN_BYTES = 1_000;

/** The bytes of an order in its table and its indexes (`databaseStorageGbMax` of settings.ts). */
export const ORDER_ROW_BYTES = 350;
