import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type buildApp, type FauxqsServer, startFauxqs } from "fauxqs";
import { LOOPBACK } from "./stand-in.ts";

export type FauxqsApp = ReturnType<typeof buildApp>;

/**
 * Starts fauxqs on the loopback interface alone, where it would bind 0.0.0.0 and ask nobody who they are. `adapt` gets its app before it
 * listens, through the channel on which Fastify announces each new one.
 */
export async function startOnLoopback(
  options: Parameters<typeof startFauxqs>[0],
  adapt: (app: FauxqsApp) => void = () => {},
): Promise<FauxqsServer> {
  const announced = (message: unknown) => {
    const { fastify } = message as { fastify: FauxqsApp };
    onlyOnLoopback(fastify);
    adapt(fastify);
  };
  subscribe("fastify.initialization", announced);
  try {
    return await startFauxqs(options);
  } finally {
    unsubscribe("fastify.initialization", announced);
  }
}

function onlyOnLoopback(app: FauxqsApp): void {
  const listen = app.listen.bind(app) as (options: object) => Promise<string>;
  Object.assign(app, { listen: (options: object) => listen({ ...options, host: LOOPBACK }) });
}
