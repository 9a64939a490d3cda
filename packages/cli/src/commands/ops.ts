import { type Command, dispatch } from "../dispatch.ts";

const COMMANDS: Record<string, Command> = {
  ps: {
    usage: "npm run ops -- ps [--json]",
    about: "lists the parts with their states",
    load: () => import("./ops/ps.ts"),
  },
  stop: {
    usage: "npm run ops -- stop PART...",
    about: "stops parts, even if other parts need them",
    load: () => import("./ops/stop.ts"),
  },
  start: {
    usage: "npm run ops -- start PART...",
    about: "starts parts and waits until they are ready",
    load: () => import("./ops/start.ts"),
  },
  restart: {
    usage: "npm run ops -- restart PART...",
    about: "stops and starts parts; the processes behind a balancer, and the tasks of a stage, step by step",
    load: () => import("./ops/restart.ts"),
  },
  sql: {
    usage: "npm run ops -- sql movies|orders STATEMENT [--json]",
    about: "runs a statement in a database with the rights of its service",
    load: () => import("./ops/sql.ts"),
  },
  dlq: {
    usage: "npm run ops -- dlq list|show|replay|drop ...",
    about: "lists and shows dead letters, replays or drops them",
    load: () => import("./ops/dlq.ts"),
  },
  person: {
    usage: "npm run ops -- person export|erase SUBJECT ...",
    about: "exports and erases what is kept of a person",
    load: () => import("./ops/person.ts"),
  },
  trace: {
    usage: "npm run ops -- trace ORDER|TRACE [--json] [--since 24h]",
    about: "shows the hops of an order, one by one",
    load: () => import("./ops/trace.ts"),
  },
  logs: {
    usage: "npm run ops -- logs PART [--follow] [--lines N]",
    about: "prints the end of a part's log",
    load: () => import("./ops/logs.ts"),
  },
  token: {
    usage: "npm run -s ops -- token [USER]",
    about: "prints an access token, on a stage for the machine client: npm run -s token",
    load: () => import("./ops/token.ts"),
  },
  seed: {
    usage: "npm run ops -- seed",
    about: "loads the demo data into an empty store: npm run seed",
    load: () => import("./ops/seed.ts"),
  },
};

/** They have commands of their own. */
const EXPLAIN_THEMSELVES = ["dlq", "person"];

const HELP = `
Each command except stop and start takes --stage NAME [--region NAME] [--profile NAME] for a stage on AWS, with the rights of your AWS credentials.
Each takes --stamp LETTER for the platform of \`npm start -- --stamp LETTER\`.`;

export async function run(args: string[]): Promise<number> {
  const [name = "", ...rest] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command && !EXPLAIN_THEMSELVES.includes(name) && rest.some((arg) => arg === "--help" || arg === "-h")) {
    console.log(`${command.usage}\n  ${command.about}`);
    return 0;
  }
  const code = await dispatch(COMMANDS, args);
  if (name === "" || name === "--help" || name === "-h") console.log(HELP);
  return code;
}
