import { parseEnvironment } from "@cloud-design/core/environment";
import { drain, listen, runStandIn } from "../stand-in.ts";
import { createIdentity } from "./app.ts";
import { closedAccounts } from "./closed-accounts.ts";
import { CognitoEnvironment } from "./env.ts";
import { issuerOf } from "./issuer.ts";
import { retiredKey, signingKey } from "./signing-key.ts";
import { openTokenScopes } from "./token-scopes.ts";

await runStandIn("identity", async (log) => {
  const environment = parseEnvironment(CognitoEnvironment);
  const { USER_POOL_ID: poolId, SITE_URL: siteUrl } = environment;
  const server = createIdentity({
    poolId,
    siteUrl,
    key: await signingKey(environment.STATE_DIRECTORY),
    retiredKey: await retiredKey(environment.STATE_DIRECTORY),
    tokenScopes: openTokenScopes(poolId, environment.RESERVED_CONCURRENCY),
    isClosed: (name) => Object.hasOwn(closedAccounts(environment.STATE_DIRECTORY), name),
    log,
  });
  const port = await listen(server, environment.PORT, environment.HOST);
  log.info({ port, issuer: issuerOf(poolId) }, "listening");
  return () => drain(server, 5);
});
