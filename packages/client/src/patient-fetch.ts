/** Enough for a throttle, a deployment or a failover; longer outages are for people. */
const ATTEMPTS_MAX = 5;
const WAIT_SECONDS_MAX = 30;

/**
 * A `fetch` for `createMovieStore` that waits and repeats a request which was refused for now: after 429 any, after 503 one that may have been done
 * only if it can be repeated (GET, HEAD, PUT, DELETE of one movie, or a movie or an order with an `Idempotency-Key`). It waits as long as `Retry-After` says. API Gateway itself names
 * no time: the wait is then a second, and doubles. Both have a random part, so that refused callers do not come back together. Resolves
 * with the last answer after five attempts, and with every other answer at once. Rejects as fetch does.
 */
export async function patientFetch(request: Request): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    // A body can be sent once only.
    const response = await fetch(request.clone());
    if (attempt === ATTEMPTS_MAX || !isForNow(request, response)) return response;
    await response.body?.cancel();
    await sleep(waitSeconds(response, attempt) * 1_000, request.signal);
  }
}

function isForNow(request: Request, { status }: Response): boolean {
  return status === 429 || (status === 503 && isRepeatable(request));
}

/** Deleting all movies is not: the answer has their number, and a repetition would also delete those that others have made meanwhile. */
function isRepeatable({ method, headers, url }: Request): boolean {
  const { pathname } = new URL(url);
  if (method === "DELETE") return !/\/movies\/?$/.test(pathname);
  // No other route knows keys.
  return method !== "POST" || (headers.has("idempotency-key") && /\/(movies|billing)\/?$/.test(pathname));
}

function waitSeconds({ headers }: Response, attempt: number): number {
  const said = Number(headers.get("retry-after") ?? Number.NaN);
  const seconds = Number.isFinite(said) && said >= 0 ? said : 2 ** (attempt - 1);
  return Math.min(WAIT_SECONDS_MAX, seconds) + Math.random();
}

/** Ends early when the caller gives up. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
