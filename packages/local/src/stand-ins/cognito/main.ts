import { parseEnvironment } from "@cloud-design/core/environment";
import * as z from "zod";
import { LambdaEnvironment } from "../lambda/lambda-function.ts";
import { drain, LOOPBACK, listen, runStandIn } from "../stand-in.ts";
import { createIdentity } from "./app.ts";
import { issuerOf } from "./issuer.ts";
import { retiredKey, signingKey } from "./signing-key.ts";
import { openTokenScopes } from "./token-scopes.ts";

const Environment = LambdaEnvironment.extend({
  PORT: z.coerce.number().int().min(0).max(65_535),
  HOST: z.string().default(LOOPBACK),
  STATE_DIRECTORY: z.string().min(1),
  USER_POOL_ID: z.string().regex(/^[\w-]+_\w+$/, "must look like eu-west-3_LocalPool"),
  SITE_URL: z.url().transform((url) => url.replace(/\/$/, "")),
});

await runStandIn("identity", async (log) => {
  const environment = parseEnvironment(Environment);
  const { USER_POOL_ID: poolId, SITE_URL: siteUrl } = environment;
  const server = createIdentity({
    poolId,
    siteUrl,
    key: await signingKey(environment.STATE_DIRECTORY),
    retiredKey: await retiredKey(environment.STATE_DIRECTORY),
    tokenScopes: openTokenScopes(poolId, environment.RESERVED_CONCURRENCY),
    log,
  });
  const port = await listen(server, environment.PORT, environment.HOST);
  log.info({ port, issuer: issuerOf(poolId) }, "listening");
  return () => drain(server, 5);
});
