import { type Command, dispatch } from "../../dispatch.ts";

const COMMANDS: Record<string, Command> = {
  list: {
    usage: "npm run ops -- dlq list",
    about: "counts the dead letters by their cause",
    load: () => import("./dlq/list.ts"),
  },
  show: {
    usage: "npm run ops -- dlq show ID",
    about: "prints one with its body, cause and trace",
    load: () => import("./dlq/show.ts"),
  },
  replay: {
    usage: 'npm run ops -- dlq replay ID...|--cause TEXT|--all --why "..." [--rate N] [--dry-run]',
    about: "returns them to their queue; each order is recorded once",
    load: () => import("./dlq/replay.ts"),
  },
  drop: {
    usage: 'npm run ops -- dlq drop ID...|--cause TEXT --why "..." [--dry-run]',
    about: "deletes dead letters that can never be recorded",
    load: () => import("./dlq/drop.ts"),
  },
};

const HELP = `
Each takes --queue orders (SQS) or --queue billing (RabbitMQ), without it both; --json for programs; and --stage NAME
[--region NAME] [--profile NAME] for a stage on AWS, through its function dead-letters. list and show change nothing.`;

export async function run(args: string[]): Promise<number> {
  const code = await dispatch(COMMANDS, args);
  if (args[0] === undefined || args[0] === "--help" || args[0] === "-h") console.log(HELP);
  return code;
}
