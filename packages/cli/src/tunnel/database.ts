import { trustRds } from "@cloud-design/core/trust-rds";
import { openTerminal } from "@cloud-design/local/terminal/terminal";
import type { NamedStage } from "@cloud-design/stage/deployed";
import { readCredentials } from "@cloud-design/stage/read-credentials";
import { onStage } from "../stage/access.ts";
import { openTunnel } from "./open-tunnel.ts";

const NAME = "tunnel";

/** A stage's database as its service uses it: through its proxy if it has one, under its name and password, with its rights. */
export async function openDatabaseOf(name: "movies" | "orders", stage: NamedStage) {
  trustRds(); // for a stage without RDS Proxy
  // Not among the rows of the output.
  const terminal = openTerminal(process.stderr, [NAME]);
  const tunnel = await openTunnel({
    ...stage,
    targets: [name],
    report: (doing) => terminal.doing(NAME, doing),
  });
  try {
    const address = new URL(tunnel.addresses[name]);
    const credentials = await onStage(stage, (access) => readCredentials(tunnel.secrets[name], access));
    terminal.done(NAME, `to ${stage.stage}`);
    return {
      url: `postgres://127.0.0.1:${tunnel.ports[name]}${address.pathname}`,
      // The certificate is the proxy's or the server's: it must match that name, wherever the tunnel begins.
      options: { ...credentials, ssl: { servername: address.hostname } },
      [Symbol.asyncDispose]: () => tunnel[Symbol.asyncDispose](),
    };
  } catch (error) {
    await tunnel[Symbol.asyncDispose]();
    throw error;
  }
}
