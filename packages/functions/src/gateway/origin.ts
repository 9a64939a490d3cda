import { createHash, timingSafeEqual } from "node:crypto";
import { HttpProblem } from "@cloud-design/http";
import type { MiddlewareHandler } from "hono";

/** Middleware that refuses requests which bypass CloudFront and its firewall: API Gateway's own address is public. */
export function requireOrigin(secret: string, siteUrl: string): MiddlewareHandler {
  const expected = digest(secret);
  return async (c, next) => {
    if (!timingSafeEqual(digest(c.req.header("x-origin-secret") ?? ""), expected)) {
      throw new HttpProblem("direct-access", `Requests come in through ${siteUrl}.`);
    }
    await next();
  };
}

/** A digest has a fixed length, which the constant-time comparison needs. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
