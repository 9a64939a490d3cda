/** How to start one process. Output goes to the part's log file; `uid`/`gid` replace root where a server refuses to run as root. */
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
  /** The part's main port; 0 if it listens on no port (the order bridge). */
  port: number;
  url: string;
  /** Further ports that must be free before the start, by their purpose. */
  otherPorts?: Readonly<Record<string, number>>;
  /** Downloads, unpacks, initialises: safe to repeat; reports its current step. */
  prepare?(report: (doing: string) => void): Promise<void>;
  command(): Command;
  /** The parts behind this one, which start, stop and restart with it. */
  copies?: readonly string[];
  /** Takes the process out of service before it is asked to stop, and after it ended unexpectedly. Never rejects. */
  leave?(): Promise<void>;
  /** One check, answered within two seconds; the supervisor repeats it until `readySeconds` have passed. */
  isReady(): Promise<boolean>;
  readySeconds: number;
  /** The signal that asks this process to finish its work and exit. */
  stopSignal: "SIGTERM" | "SIGINT";
  stopSeconds: number;
  /** For a process that can lose a signal while it starts, and to which repeated signals mean the same. */
  stopAgainSeconds?: number;
}

/** A failure that the person at the terminal can solve: its message is one or two sentences and says how. */
export class SetupError extends Error {
  override name = "SetupError";
}
