import type { Terminal } from "../terminal/terminal.ts";
import { explain } from "./errors.ts";
import type { Step } from "./graph.ts";
import { logFileOf } from "./log-file.ts";
import { ManagedPart } from "./managed-part.ts";
import type { Part } from "./part.ts";
import { type PlatformFile, readPlatform, writePlatform } from "./platform-file.ts";
import { family, memoryMegabytes } from "./process-table.ts";

/** A server that runs elsewhere: listed, needed, but neither started nor stopped here. */
export type ExternalPart = Pick<Part, "name" | "port" | "url">;

export interface PartStatus {
  name: string;
  state: string;
  pid: number | null;
  port: number;
  url: string;
  uptimeSeconds: number | null;
  memoryMegabytes: number | null;
  restarts: number;
}

/** All parts of one platform, and the file that describes them. */
export class Fleet {
  state: PlatformFile["state"] = "starting";
  readonly parts: ReadonlyMap<string, ManagedPart>;
  readonly #directory: string;
  readonly #terminal: Terminal;
  readonly #description: PlatformFile;
  readonly #started = new Set<ManagedPart>();

  constructor(
    directory: string,
    parts: readonly Part[],
    external: readonly ExternalPart[],
    extra: Record<string, unknown>,
    terminal: Terminal,
  ) {
    this.#directory = directory;
    this.#terminal = terminal;
    const say = (line: string) => terminal.line(line);
    const onChange = () => this.#save();
    const manage = (part: Part) =>
      new ManagedPart(part, { logFile: logFileOf(directory, part.name), say, onChange });
    this.parts = new Map(parts.map((part) => [part.name, manage(part)]));
    const claimed = readPlatform(directory);
    if (claimed === undefined) throw new Error(`${directory} was not claimed`);
    this.#description = { ...extra, ...claimed, parts: {} };
    for (const { name, port, url } of external) {
      const none = { pid: null, startedAt: null, log: "", restarts: 0, stopSignal: "SIGTERM" } as const;
      this.#description.parts[name] = { state: "external", port, url, ...none };
    }
    for (const [name, { record }] of this.parts) this.#description.parts[name] = record;
    this.#save();
  }

  enter(state: PlatformFile["state"]): void {
    this.state = state;
    this.#save();
  }

  step(managed: ManagedPart): Step {
    const { name, needs, url } = managed.part;
    const run = async (signal: AbortSignal) => {
      this.#started.add(managed);
      this.#terminal.begin(name, "starting");
      await managed.start((doing) => this.#terminal.doing(name, doing), signal);
      this.#terminal.done(name, url);
    };
    return { name, needs: this.ownNeeds(needs), run };
  }

  /** Stops the parts one after the other, in reverse order of their needs; of two independent ones, the one listed later first. */
  async drain(): Promise<void> {
    for (const managed of inOrderOfNeed(this.parts).toReversed()) {
      if (!this.#started.has(managed)) continue;
      const { name } = managed.part;
      const isUp = managed.record.pid !== null;
      if (isUp) this.#terminal.begin(name, "stopping");
      await managed.stop();
      if (isUp) this.#terminal.done(name, "stopped");
    }
  }

  /** The caller who asked for the start has the answer already; this line is for the terminal of the platform. The part stays failed until it is started again. */
  announceFailure({ part: { name }, record }: ManagedPart, error: unknown): void {
    if (record.state !== "failed") return;
    const [reason] = explain(error).split("\n", 1);
    this.#terminal.line(`${reason} It stays so until \`npm run ops -- start ${name}\`.`);
  }

  kill(): void {
    for (const managed of this.parts.values()) managed.kill();
  }

  status(): PartStatus[] {
    return Object.entries(this.#description.parts).map(([name, { state, pid, port, url, restarts }]) => {
      const spawnedAt = this.parts.get(name)?.spawnedAt ?? 0;
      const uptimeSeconds = pid === null ? null : Math.round((performance.now() - spawnedAt) / 1000);
      const memory = pid === null ? null : (memoryMegabytes(family(pid)) ?? null);
      return { name, state, pid, port, url, uptimeSeconds, memoryMegabytes: memory, restarts };
    });
  }

  /** The names to wait for: a part that runs elsewhere is not started here. */
  ownNeeds(needs: readonly string[]): string[] {
    return needs.filter((name) => this.#description.parts[name]?.state !== "external");
  }

  #save(): void {
    writePlatform(this.#directory, { ...this.#description, state: this.state });
  }
}

/** In the order of the list, but each part after those that it needs. */
function inOrderOfNeed(parts: ReadonlyMap<string, ManagedPart>): ManagedPart[] {
  const ordered = new Set<ManagedPart>();
  const visit = (managed: ManagedPart | undefined) => {
    if (!managed || ordered.has(managed)) return;
    for (const need of managed.part.needs) visit(parts.get(need));
    ordered.add(managed);
  };
  for (const managed of parts.values()) visit(managed);
  return [...ordered];
}
