/** One year, the minimum of the browsers' preload lists. */
const STRICT_TRANSPORT_SECURITY = "max-age=31536000; includeSubDomains";

/**
 * Only the site's own sources, and no inline script. Inline styles are allowed: diagrams and highlighted code need them. The search is
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

/** The headers that CloudFront and the laptop send with every page. */
export const PAGE_HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "strict-transport-security": STRICT_TRANSPORT_SECURITY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
} as const;

/** The headers of every answer of the API, which a browser must not show as a page. */
export const API_HEADERS = {
  ...PAGE_HEADERS,
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
} as const;

/** The content type of the file whose type neither S3 nor the laptop's server knows, and which a browser can show. */
export const REQUESTS_FILE = { path: "requests.http", contentType: "text/plain; charset=utf-8" } as const;

/** How long a copy may be used, by the kind of object: S3 stores it beside each one. */
export const CACHE_CONTROL = {
  /** The name changes with the content. */
  asset: "public, max-age=31536000, immutable",
  /** Revalidated each time, and mostly unchanged. */
  page: "public, max-age=0, must-revalidate",
} as const;

export function cacheControlOf(path: string): string {
  return /^\/(assets\/|status\/status\.\w+\.(css|js)$)/.test(path) ? CACHE_CONTROL.asset : CACHE_CONTROL.page;
}
