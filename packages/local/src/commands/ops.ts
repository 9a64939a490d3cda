import { type Command, dispatch } from "../dispatch.ts";

const COMMANDS: Record<string, Command> = {
  ps: {
    usage: "npm run ops -- ps [--json]",
    about: "lists the parts: state, pid, port, uptime, memory, restarts",
    load: () => import("./ops/ps.ts"),
  },
  stop: {
    usage: "npm run ops -- stop PART...",
    about: "stops parts, whoever needs them",
    load: () => import("./ops/stop.ts"),
  },
  start: {
    usage: "npm run ops -- start PART...",
    about: "starts parts and waits until they are ready",
    load: () => import("./ops/start.ts"),
  },
  restart: {
    usage: "npm run ops -- restart PART...",
    about: "stops and starts parts",
    load: () => import("./ops/restart.ts"),
  },
  sql: {
    usage: "npm run ops -- sql movies|orders STATEMENT [--json]",
    about: "asks a database with the rights of its service",
    load: () => import("./ops/sql.ts"),
  },
  dlq: {
    usage: "npm run ops -- dlq list|show|replay|drop ...",
    about: "looks into the dead letters, replays or drops them; with --stage those on AWS",
    load: () => import("./ops/dlq.ts"),
  },
  trace: {
    usage: "npm run ops -- trace ORDER|TRACE [--json] [--stage NAME [--since 24h]]",
    about: "shows the way of an order, hop by hop; with --stage from the logs on AWS",
    load: () => import("./ops/trace.ts"),
  },
  logs: {
    usage: "npm run ops -- logs PART [--follow] [--lines N]",
    about: "prints the end of a part's log",
    load: () => import("./ops/logs.ts"),
  },
};

export async function run(args: string[]): Promise<number> {
  const [name = "", ...rest] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  // `dlq` has commands of its own, and says more.
  if (command && name !== "dlq" && rest.some((arg) => arg === "--help" || arg === "-h")) {
    console.log(`${command.usage}\n  ${command.about}`);
    return 0;
  }
  return dispatch(COMMANDS, args);
}
