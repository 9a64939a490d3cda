import { statisticOf } from "@cloud-design/cloudwatch/statistics";
import autocannon, { type Result } from "autocannon";

export interface Requests {
  url: string;
  method?: "GET" | "POST";
  /** Asked for in turn by each client. */
  paths: readonly string[];
  headers?: Record<string, string>;
  body?: string;
  clients: number;
  seconds: number;
}

export interface Answered {
  count: number;
  perSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/** Keeps this many clients busy for this long, each with one request at a time. Throws if one answer is not a 2xx. */
export async function ask({
  url,
  method = "GET",
  paths,
  clients,
  seconds,
  ...rest
}: Requests): Promise<Answered> {
  const durations: number[] = [];
  const { non2xx, errors, duration } = await new Promise<Result>((resolve, reject) => {
    const requests = paths.map((path) => ({ path, method, ...rest }));
    const running = autocannon({ url, connections: clients, duration: seconds, requests }, (error, result) =>
      error ? reject(error) : resolve(result),
    );
    running.on("response", (_client, _status, _bytes, milliseconds) => durations.push(milliseconds));
  });
  if (non2xx + errors > 0) throw new Error(`${method} ${url}${paths[0]}: ${non2xx + errors} requests failed`);
  return {
    count: durations.length,
    perSecond: durations.length / duration,
    p50: statisticOf("p50")(durations),
    p99: statisticOf("p99")(durations),
  };
}
