import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type AsyncApiDocument, asyncApi } from "@cloud-design/contract/asyncapi";
import { breakingChanges, brokenMessages } from "@cloud-design/contract/breaking-changes";
import { clientFiles } from "@cloud-design/contract/client-files";
import { CLIENT_DIRECTORY, type OpenApiDocument } from "@cloud-design/contract/document";
import { openApi } from "@cloud-design/contract/openapi";
import { HELP_FLAG, parseFlags, printHelp } from "@cloud-design/local/supervisor/flags";
import { SetupError } from "@cloud-design/local/supervisor/part";

const HELP = `npm run contract [-- FLAG...]
  --breaking WHY  accepts a change that breaks clients: raises the major version and notes why in packages/client/CHANGES.md`;

/** `npm run contract`: writes the API's documents and the clients made from them, unless that would break existing clients. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags("npm run contract", args, {
    breaking: { type: "string" },
    ...HELP_FLAG,
  });
  if (positionals[0] !== undefined)
    throw new SetupError(`npm run contract takes no argument ${positionals[0]}.`);
  if (values.help) return printHelp(HELP);
  const written = await writeContract({
    directory: CLIENT_DIRECTORY,
    document: openApi,
    reason: values.breaking === undefined ? undefined : String(values.breaking).trim(),
    today: new Date().toISOString().slice(0, 10),
  });
  console.log(written.length > 0 ? `Written:\n${list(written)}` : "Everything is as the code says.");
  return 0;
}

interface Contract {
  /** The root of the committed files. */
  directory: string;
  /** Makes the documents from the code, for a version. */
  document: (version: string) => OpenApiDocument;
  /** Why clients have to change. */
  reason: string | undefined;
  /** ISO 8601. */
  today: string;
}

/** Returns the paths of the files that are new, changed or deleted. Throws if clients would break and no reason is given. */
export async function writeContract({ directory, document, reason, today }: Contract): Promise<string[]> {
  const read = (path: string) => readFileSync(join(directory, path), "utf8");
  const committed: OpenApiDocument = JSON.parse(read("openapi.json"));
  const messages: AsyncApiDocument = JSON.parse(read("asyncapi.json"));
  const { version } = committed.info;
  const broken = [
    ...breakingChanges(committed, document(version)),
    ...brokenMessages(messages, asyncApi(version)),
  ];
  if (broken.length > 0 && !reason) {
    throw new SetupError(
      `This breaks the clients of version ${version}:\n${list(broken)}\n` +
        'Revert it, or say why it is needed: npm run contract -- --breaking "why".',
    );
  }
  if (broken.length === 0 && reason !== undefined) {
    throw new SetupError("Nothing here breaks a client: leave --breaking out.");
  }
  const next = broken.length > 0 ? nextMajor(version) : version;
  const files = await clientFiles(document(next));
  if (next !== version) {
    const heading = `## ${next}, ${today}`;
    const entry = `${heading}\n\nFrom ${version}: ${reason}\n\n${broken.map((change) => `- ${change}`).join("\n")}\n`;
    files.set("CHANGES.md", withEntry(read("CHANGES.md"), entry));
    files.set(
      "package.json",
      read("package.json").replace(`"version": "${version}"`, `"version": "${next}"`),
    );
  }
  return [...removeOthers(directory, files), ...writeAll(directory, files)];
}

function nextMajor(version: string): string {
  return `${Number(version.split(".")[0]) + 1}.0.0`;
}

/** Above the other entries. */
function withEntry(changes: string, entry: string): string {
  const [introduction = "", ...entries] = changes.split(/^(?=## )/m);
  return [introduction.trimEnd(), entry.trimEnd(), ...entries.map((one) => one.trimEnd())]
    .join("\n\n")
    .concat("\n");
}

function writeAll(directory: string, files: ReadonlyMap<string, string>): string[] {
  const changed = [...files].filter(([path, text]) => {
    const file = join(directory, path);
    return !existsSync(file) || readFileSync(file, "utf8") !== text;
  });
  for (const [path, text] of changed) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return changed.map(([path]) => path);
}

/** Removes the request of an operation that no longer exists from the collection of one file each. */
function removeOthers(directory: string, files: ReadonlyMap<string, string>): string[] {
  const folder = join(directory, "bruno");
  if (!existsSync(folder)) return [];
  const others = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join("bruno", path))
    .filter((path) => path.endsWith(".bru") && !files.has(path));
  for (const path of others) rmSync(join(directory, path));
  return others.map((path) => `${path} (removed)`);
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}
