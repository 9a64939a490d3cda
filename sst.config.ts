import type { SSTConfig } from "sst";
import { buildSite } from "./packages/site/src/site-directory.ts";
import { signInUrlOf } from "./packages/stage/src/names.ts";
import { preflight } from "./packages/stage/src/preflight/preflight.ts";
import { stageSettings } from "./packages/stage/src/preset.ts";
import { Alarms } from "./stacks/alarms.ts";
import { Alerts } from "./stacks/alerts.ts";
import { Api } from "./stacks/api.ts";
import { Billing } from "./stacks/billing.ts";
import { Broker } from "./stacks/broker.ts";
import { Cluster } from "./stacks/cluster.ts";
import { liveLine } from "./stacks/constructs/live.ts";
import { rememberPreset } from "./stacks/constructs/remember-preset.ts";
import { tidy } from "./stacks/constructs/tidy.ts";
import { visibly } from "./stacks/constructs/visibly.ts";
import { Dashboards } from "./stacks/dashboards.ts";
import { Databases } from "./stacks/databases.ts";
import { DeadLetters } from "./stacks/dead-letters.ts";
import { Firewall, hasOwnFirewall } from "./stacks/firewall.ts";
import { Gateway } from "./stacks/gateway.ts";
import { Identity } from "./stacks/identity.ts";
import { Imports } from "./stacks/imports.ts";
import { Inventory } from "./stacks/inventory.ts";
import { Network } from "./stacks/network.ts";
import { Orders } from "./stacks/orders.ts";
import { Queries } from "./stacks/queries.ts";
import { Site } from "./stacks/site.ts";
import { Sleep } from "./stacks/sleep.ts";
import { Slos } from "./stacks/slos.ts";
import { Status } from "./stacks/status.ts";
import { Tunnel } from "./stacks/tunnel.ts";
import { Webhooks } from "./stacks/webhooks.ts";

export default {
  async config(globals) {
    const { stage, region } = await visibly(() => preflight(globals));
    // Otherwise, after `sst dev` on the same stage, `deploy` would wait for an answer to a question that it does not show.
    return { name: "cloud-design", stage, region, advanced: { disableAppModeCheck: true } };
  },
  async stacks(app) {
    if (app.mode === "dev") console.log(liveLine());
    await buildSite(console.log, signInUrlOf(app));
    const { hasOwnMetrics, tunnelHours } = stageSettings(app.stage);
    app.stack(Alerts).stack(Network);
    if (hasOwnFirewall(app)) app.stack(Firewall);
    app
      .stack(Api)
      .stack(Site)
      .stack(Identity)
      .stack(Databases)
      .stack(Cluster)
      .stack(Broker)
      .stack(Imports)
      .stack(Webhooks)
      .stack(Inventory)
      .stack(Orders)
      .stack(Billing)
      .stack(DeadLetters)
      .stack(Gateway)
      .stack(Status)
      .stack(Sleep)
      .stack(Queries);
    if (hasOwnMetrics) app.stack(Slos);
    app.stack(Alarms).stack(Dashboards);
    if (tunnelHours > 0) app.stack(Tunnel);
    rememberPreset(app);
    tidy(app);
  },
} satisfies SSTConfig;
