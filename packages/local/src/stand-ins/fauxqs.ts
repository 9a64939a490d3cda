import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { DatabaseSync } from "node:sqlite";
import { strangerOf } from "@cloud-design/core/visitor";
import { type buildApp, type FauxqsServer, startFauxqs } from "fauxqs";
import { LOOPBACK } from "./stand-in.ts";

export type FauxqsApp = ReturnType<typeof buildApp>;

/** The facts about a request by which a stand-in decides whether to answer it. */
export interface Asked {
  method: string;
  /** Percent-encoded, without the query. */
  path: string;
  /** `x-amz-target`: service and operation. No form of a web page can send it. */
  target: string;
}

/**
 * Starts fauxqs for programs on this machine only, and only with the operations that the platform needs: by default it binds 0.0.0.0, does
 * not authenticate callers, and accepts forms for S3, SNS and SQS that any web page can send. `adapt` gets its app and its database before it
 * listens: the one through the channel on which Fastify announces each new app, the other as it runs its first statement.
 */
export async function startOnLoopback(
  options: Parameters<typeof startFauxqs>[0],
  isNeeded: (asked: Asked) => boolean,
  adapt: (app: FauxqsApp, database: DatabaseSync | undefined) => void = () => {},
): Promise<FauxqsServer> {
  let database: DatabaseSync | undefined;
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (sql) {
    database = this;
    exec.call(this, sql);
  };
  const announced = (message: unknown) => {
    const { fastify } = message as { fastify: FauxqsApp };
    onlyOnLoopback(fastify);
    refuseOthers(fastify, isNeeded);
    adapt(fastify, database);
  };
  subscribe("fastify.initialization", announced);
  try {
    return await startFauxqs(options);
  } finally {
    DatabaseSync.prototype.exec = exec;
    unsubscribe("fastify.initialization", announced);
  }
}

function refuseOthers(app: FauxqsApp, isNeeded: (asked: Asked) => boolean): void {
  app.addHook("onRequest", async ({ raw: { headers, method = "" }, originalUrl }, reply) => {
    const [path = "/"] = originalUrl.split("?");
    const target = String(headers["x-amz-target"] ?? "");
    const refusal =
      strangerOf(headers, "programs") ??
      (isNeeded({ method, path, target })
        ? undefined
        : "No part of the platform needs this operation of the stand-in.");
    if (refusal !== undefined) await reply.code(403).type("text/plain; charset=utf-8").send(`${refusal}\n`);
  });
}

function onlyOnLoopback(app: FauxqsApp): void {
  const listen = app.listen.bind(app) as (options: object) => Promise<string>;
  Object.assign(app, { listen: (options: object) => listen({ ...options, host: LOOPBACK }) });
}
