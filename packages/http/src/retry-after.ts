/** The longest wait that is asked for is twice this, in seconds: a caller should see soon that a failure is over. */
const LEAST_MAX = 15;

/**
 * `Retry-After` for a wait of at least `seconds`: a whole number from 1 to 30, up to twice as long by chance, so that callers who were refused
 * together do not come back together.
 */
export function retryAfter(seconds: number): string {
  const least = Math.min(LEAST_MAX, Math.max(1, Math.ceil(seconds)));
  return String(least + Math.floor(Math.random() * (least + 1)));
}
