/** How to start one process. Output goes to the part's log file; `uid`/`gid` drop root where a server refuses it. */
export interface Command {
  file: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd?: string;
  uid?: number;
  gid?: number;
}

/** One box of the diagram on the laptop: a process with a port, started after the parts that it needs. */
export interface Part {
  name: string;
  /** Names of the parts that must be ready before this one starts. */
  needs: readonly string[];
  /** The port people talk to; 0 when it listens nowhere (the order bridge). */
  port: number;
  url: string;
  /** Further ports that must be free before the start, by what they are for. */
  otherPorts?: Readonly<Record<string, number>>;
  /** Downloads, unpacks, initialises: safe to repeat; reports what it is doing now. */
  prepare?(report: (doing: string) => void): Promise<void>;
  command(): Command;
  /** One question, answered within two seconds; the supervisor asks again until `readySeconds` have passed. */
  isReady(): Promise<boolean>;
  readySeconds: number;
  /** What asks this process to finish its work and leave. */
  stopSignal: "SIGTERM" | "SIGINT";
  stopSeconds: number;
  /** For a process that loses a signal while it boots, and to which each further one means the same. */
  stopAgainSeconds?: number;
}

/** A failure that the person at the terminal can mend: its message is one or two sentences and says how. */
export class SetupError extends Error {
  override name = "SetupError";
}
