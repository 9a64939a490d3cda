import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { PORT_NAMES, ROOT } from "@cloud-design/local/platform/settings";
import { freePort } from "@cloud-design/local/servers/free-port";
import { type PlatformFile, readPlatform } from "@cloud-design/local/supervisor/platform-file";

export interface Launched {
  child: ChildProcess;
  platform: PlatformFile;
  exited: Promise<unknown>;
  /** Everything that was printed so far. */
  said(): string;
}

/** Flags that put every part on a free port. */
export async function freePorts(): Promise<string[]> {
  const flags: string[] = [];
  for (const name of PORT_NAMES) flags.push(`--${name}-port`, String(await freePort()));
  return flags;
}

/** Runs `npm start -- ...` in a clone for a platform in this directory, by default without the throttles of the routes; resolves once it is ready. */
export async function launch(
  directory: string,
  flags: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  root = ROOT,
): Promise<Launched> {
  const env = {
    ...process.env,
    CLOUD_DESIGN_LOCAL: directory,
    LOG_LEVEL: "info",
    ROUTE_THROTTLES: "off",
    ...environment,
  };
  const child = spawn("npm", ["start", "--", ...flags], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const exited = once(child, "exit");
  const began = new Date().toISOString();
  for (;;) {
    const platform = readPlatform(directory);
    if (platform?.state === "running" && platform.startedAt >= began) {
      return { child, platform, exited, said: () => said };
    }
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`The platform did not start:\n${said}`);
    await sleep(100);
  }
}
