import type { Scope } from "@cloud-design/core/identity";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "DELETE";

/** Routes that need no token. */
export const PUBLIC = "public";

export type Access = Scope | typeof PUBLIC;

/**
 * The whole HTTP API: each path, its methods, and the scope that each requires. A path parameter is written `{id}`. A
 * fixed path stands above a path whose parameter would match it.
 */
export const ROUTES = {
  "/api/movies": { GET: "movies.read", POST: "movies.write", DELETE: "movies.admin" },
  "/api/movies/{id}": { GET: "movies.read", PUT: "movies.write", DELETE: "movies.write" },
  "/api/imports": { POST: "movies.write" },
  "/api/imports/{id}": { GET: "movies.write" },
  "/api/webhooks": { GET: "orders.read", POST: "orders.write" },
  "/api/webhooks/{id}": { GET: "orders.read", DELETE: "orders.write" },
  "/api/billing": { POST: "orders.write" },
  "/api/billing/orders/{id}": { GET: "orders.read" },
  "/api/status": { GET: PUBLIC },
  "/health/live": { GET: PUBLIC },
  "/health/ready": { GET: PUBLIC },
} as const satisfies Record<string, Partial<Record<Exclude<Method, "HEAD">, Access>>>;

export type Path = keyof typeof ROUTES;

/** The route that accepts orders. A function of its own runs it, so that other requests cannot use up its concurrency. */
export const ORDER_ROUTE = "POST /api/billing" satisfies `POST ${Path}`;

/** The paths that inventory answers: the gateway forwards them unchanged. */
export type InventoryPath = Extract<Path, `/api/${"movies" | "imports" | "webhooks"}${string}`>;

export function isInventoryPath(path: Path): path is InventoryPath {
  return /^\/api\/(?:movies|imports|webhooks)/.test(path);
}

export interface Route {
  /** In the notation of API Gateway: `GET /api/movies/{id}`. */
  key: string;
  access: Access;
}

/** The methods of a path; each GET implies HEAD (RFC 9110, section 9.1). */
export function methodsOf(path: Path): Partial<Record<Method, Access>> {
  const methods: Partial<Record<Method, Access>> = ROUTES[path];
  return methods.GET ? { ...methods, HEAD: methods.GET } : methods;
}

/**
 * The routes of API Gateway. It refuses routes with a trailing slash, so the edge removes the slash. `ANY` exists only
 * to answer 405 with `Allow` for all other methods.
 */
export function apiGatewayRoutes(): Route[] {
  return (Object.keys(ROUTES) as Path[]).flatMap((path) => [
    ...Object.entries(methodsOf(path)).map(([method, access]) => ({ key: `${method} ${path}`, access })),
    { key: `ANY ${path}`, access: PUBLIC } as const,
  ]);
}
