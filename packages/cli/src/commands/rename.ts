import { execFileSync } from "node:child_process";
import { lstatSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { HELP_FLAG, parseFlags } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";
import { openTerminal } from "@cloud-design/local/terminal/terminal";
import { checkProductName, renameIn } from "../rename.ts";
import { runProgram } from "../run-program.ts";

const HELP = `npm run rename -- NAME
  gives the product another name, in each file that git knows: packages, resources on AWS, pages.
  Do it before the first deployment: under another name AWS makes everything anew.`;

/** `npm run rename -- my-shop` */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run rename", args, HELP_FLAG);
  const [to, ...more] = positionals;
  if (values.help || to === undefined) {
    console.log(HELP);
    return values.help ? 0 : 1;
  }
  if (more.length > 0) throw new SetupError(`npm run rename takes one name, not ${positionals.join(" ")}.`);
  checkProductName(to);
  const { name: from } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  if (from === to) throw new SetupError(`The product is called ${to} already.`);
  if (git("status", "--porcelain") !== "")
    throw new SetupError(
      "There are changes that are not committed. Commit them first, so that git can take this back.",
    );

  const terminal = openTerminal(process.stdout, ["rename"]);
  terminal.doing("rename", "writing the files");
  const changed = renameFiles(from, to);
  terminal.done("rename", `${changed} files say ${to} where they said ${from}`);
  // Installs the packages under their new names, and sorts the imports by them.
  return runProgram("npm", ["run", "-s", "format"], {});
}

/** Returns how many files have changed. */
function renameFiles(from: string, to: string): number {
  let changed = 0;
  for (const path of git("ls-files", "-z").split("\0").filter(Boolean)) {
    const file = join(ROOT, path);
    if (!lstatSync(file).isFile()) continue;
    const content = readFileSync(file);
    // A picture does not contain the name as text.
    if (content.includes(0)) continue;
    const renamed = renameIn(content.toString(), from, to);
    const newPath = renameIn(path, from, to);
    if (renamed === content.toString() && newPath === path) continue;
    changed++;
    writeFileSync(file, renamed);
    if (newPath !== path) renameSync(file, join(ROOT, newPath));
  }
  return changed;
}

function git(...args: string[]): string {
  try {
    return execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch {
    throw new SetupError(
      "This is no clone: git, which knows the files of the project, gives no answer here.",
    );
  }
}
