import type { Log } from "@cloud-design/core/log";
import { type CallerVariables, json, notFound, onProblem } from "@cloud-design/http";
import type { Live, Ready } from "@cloud-design/http/health";
import { traced } from "@cloud-design/http/traced";
import { Hono } from "hono";

export interface ServiceDependencies {
  siteUrl: string;
  log: Log;
  /**
   * The state of each dependency by name, and under its own name that of the service itself, where it knows more than
   * that it answers.
   */
  components: Readonly<Record<string, () => Promise<boolean | "up" | "degraded" | "down">>>;
}

/**
 * A service's app with its health routes. `ready` depends on this process alone: if it failed with the database, an
 * outage would take away the whole fleet, and with it the answers that explain the outage.
 */
export function createServiceApp({ siteUrl, log, components }: ServiceDependencies): Hono<CallerVariables> {
  const app = new Hono<CallerVariables>({ strict: false });
  app.use(traced());
  app.get("/health/live", (c) => json(c, { status: "live" } satisfies Live));
  app.get("/health/ready", (c) => json(c, { status: "ready" } satisfies Ready));
  app.get("/health/components", async (c) => {
    const states = Object.entries(components).map(async ([name, ask]) => {
      const state = await ask();
      return [name, typeof state === "string" ? state : state ? "up" : "down"];
    });
    return json(c, Object.fromEntries(await Promise.all(states)));
  });
  app.notFound(notFound(siteUrl));
  app.onError(onProblem(siteUrl, log));
  return app;
}
