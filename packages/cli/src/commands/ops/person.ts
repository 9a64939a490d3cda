import { type Command, dispatch } from "../../dispatch.ts";

const COMMANDS: Record<string, Command> = {
  export: {
    usage: "npm run ops -- person export SUBJECT [--json]",
    about: "counts what is kept of a person; with --json all of it in one document",
    load: () => import("./person/export.ts"),
  },
  erase: {
    usage: "npm run ops -- person erase SUBJECT [--yes]",
    about: "deletes the user and takes the person out of the orders, whose money stays in the books",
    load: () => import("./person/erase.ts"),
  },
};

const HELP = `
SUBJECT is the sub of the person's tokens, their user name or their email. With --stage NAME [--region NAME] [--profile NAME] they work on AWS,
through the stage's function personal-data. docs/how/personal-data.md lists what is personal, and where it is.`;

export async function run(args: string[]): Promise<number> {
  const code = await dispatch(COMMANDS, args);
  if (args[0] === undefined || args[0] === "--help" || args[0] === "-h") console.log(HELP);
  return code;
}
