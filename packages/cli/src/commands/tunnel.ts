import { HELP_FLAG, parseFlags, printHelp } from "@cloud-design/local/supervisor/flags";
import { hearInterrupts } from "@cloud-design/local/supervisor/interrupts";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { table } from "@cloud-design/local/terminal/table";
import { openTerminal } from "@cloud-design/local/terminal/terminal";
import type { NamedStage } from "@cloud-design/stage/deployed";
import { stageSettings } from "@cloud-design/stage/preset";
import { hereOf, TUNNEL_PORTS, TUNNEL_TARGETS, type TunnelTarget } from "@cloud-design/stage/tunnel-ends";
import { namedStage, STAGE_FLAGS } from "../stage/flags.ts";
import { openTunnel, type Tunnel } from "../tunnel/open-tunnel.ts";

const HELP = `npm run tunnel -- --stage NAME [FLAG...]
  --stage NAME    whose services, databases and broker to reach; prod has no tunnel
  --region NAME   where it is, default AWS_REGION or us-east-1
  --profile NAME  of the AWS configuration, default AWS_PROFILE`;
const NAME = "tunnel";

/** `npm run tunnel -- --stage NAME`: forwards the ports that a live gateway uses to a stage's network, until Ctrl-C. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run tunnel", args, {
    ...STAGE_FLAGS,
    ...HELP_FLAG,
  });
  if (values.help) return printHelp(HELP);
  if (positionals[0] !== undefined)
    throw new SetupError(`npm run tunnel takes no argument ${positionals[0]}.`);
  const stage = namedStage(values);
  if (stage === undefined) throw new SetupError("Name a stage: npm run tunnel -- --stage mine");
  return hold(stage);
}

/** Keeps a tunnel open until it is interrupted. Returns the exit code. */
export async function hold(
  named: NamedStage,
  ports: Readonly<Record<TunnelTarget, number>> = TUNNEL_PORTS,
): Promise<number> {
  // If the user cannot wait for the end, the task ends by itself later.
  const interrupts = hearInterrupts(() => process.exit(1));
  const { signal } = interrupts;
  const terminal = openTerminal(process.stdout, [NAME]);
  const report = (doing: string) => terminal.doing(NAME, doing);
  try {
    await using tunnel = await openTunnel({
      ...named,
      targets: TUNNEL_TARGETS,
      ports,
      isAlone: true,
      report,
      signal,
    });
    const { stage } = named;
    terminal.done(
      NAME,
      `to ${stage} is open; it ends by itself after ${stageSettings(stage).tunnelHours} hours`,
    );
    terminal.line(`\n${tableOf(tunnel)}\n\nCtrl-C closes it.`);
    await Promise.race([interrupted(signal), tunnel.done]);
    report("closes");
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    interrupts.close();
  }
  terminal.done(NAME, "is closed");
  return 0;
}

function tableOf({ ports, addresses }: Tunnel<TunnelTarget>): string {
  const rows = TUNNEL_TARGETS.map((target) => [
    target,
    hereOf(addresses[target], ports[target]),
    addresses[target],
  ]);
  return table([["WHAT", "HERE", "THERE"], ...rows], []);
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
