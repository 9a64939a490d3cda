/** One year, as browsers' preload lists ask. */
const STRICT_TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains";

/**
 * Nothing from anywhere else, and no script that stands in a page. Styles may: diagrams and highlighted code carry theirs. The search is
 * WebAssembly in a worker.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What CloudFront and the laptop send with every page. */
export const PAGE_HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "strict-transport-security": STRICT_TRANSPORT_SECURITY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
} as const;

/** And with every answer of the API, which no browser should show as a page. */
export const API_HEADERS = {
  ...PAGE_HEADERS,
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
} as const;

/** Of the files whose kind neither S3 nor the laptop's server knows, and which a browser can show. */
export const REQUESTS_FILE = { path: "requests.http", contentType: "text/plain; charset=utf-8" } as const;

/** How long a copy may be used, by what it is a copy of: S3 keeps it beside each object. */
export const CACHE_CONTROL = {
  /** Its name changes with its content. */
  asset: "public, max-age=31536000, immutable",
  /** Asked for again each time, and mostly not sent again. */
  page: "public, max-age=0, must-revalidate",
} as const;

export function cacheControlOf(path: string): string {
  return /^\/(assets\/|status\/status\.\w+\.(css|js)$)/.test(path) ? CACHE_CONTROL.asset : CACHE_CONTROL.page;
}
