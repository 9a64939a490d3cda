import { parseEnvironment } from "@cloud-design/core/environment";
import { runStandIn } from "../stand-in.ts";
import { openBalancer } from "./balancer.ts";
import { LoadBalancerEnvironment } from "./env.ts";
import { serveTargets } from "./targets.ts";

await runStandIn("load-balancer", async (log) => {
  const { PORT: port, TARGETS: targets, SOCKET: socket } = parseEnvironment(LoadBalancerEnvironment);
  const balancer = await openBalancer(port, {
    onState: (target, state) => log.info({ port: target }, `target ${state}`),
  });
  const control = await serveTargets(socket, balancer);
  for (const target of targets) void balancer.register(target);
  log.info({ port }, "listening");
  return async () => {
    control.close();
    await balancer[Symbol.asyncDispose]();
  };
});
