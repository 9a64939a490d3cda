import { setTimeout as sleep } from "node:timers/promises";
import { fullJitter } from "@cloud-design/core/retry";
import { explain } from "./errors.ts";
import type { Part } from "./part.ts";
import type { PartRecord } from "./platform-file.ts";
import { describeExit, type Exit, logHint, type RunningPart, startPart } from "./process.ts";

/** A part that ran this long has recovered: its next crash counts as the first. */
const STABLE_MILLISECONDS = 30_000;

interface Surroundings {
  logFile: string;
  say: (line: string) => void;
  /** Called when the record changed and must be saved. */
  onChange: () => void;
}

/** A part over its whole life: started, stopped, and started again after a crash. */
export class ManagedPart {
  readonly part: Part;
  readonly record: PartRecord;
  spawnedAt = 0;
  readonly #surroundings: Surroundings;
  #attempt = new AbortController();
  #process: RunningPart | undefined;
  #work: Promise<void> = Promise.resolve();
  #turn: Promise<unknown> = Promise.resolve();
  #deaths = 0;

  constructor(part: Part, surroundings: Surroundings) {
    this.part = part;
    this.#surroundings = surroundings;
    const { port, url, stopSignal } = part;
    const log = surroundings.logFile;
    this.record = { state: "stopped", pid: null, startedAt: null, port, url, log, restarts: 0, stopSignal };
  }

  /** Resolves once the part is ready: false if it was already running. */
  start(report: (doing: string) => void, signal?: AbortSignal): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.record.state === "running") return false;
      await this.#end();
      this.#attempt = new AbortController();
      this.#deaths = 0;
      const given = this.#attempt.signal;
      this.#work = this.#launch(report, signal ? AbortSignal.any([signal, given]) : given);
      await this.#work;
      return true;
    });
  }

  /** Resolves once the part has ended and stays stopped: false if it was already stopped. */
  stop(): Promise<boolean> {
    this.#attempt.abort(); // not queued: a start that is under way must be aborted
    return this.#inTurn(() => this.#end());
  }

  kill(): void {
    this.#attempt.abort();
    this.#process?.kill();
  }

  async #end(): Promise<boolean> {
    const wasStopped = this.record.state === "stopped";
    this.#attempt.abort();
    if (this.#process !== undefined) await this.part.leave?.();
    await this.#process?.stop();
    await this.#work.catch(() => {});
    this.#change({ state: "stopped" });
    return !wasStopped;
  }

  async #launch(report: (doing: string) => void, signal: AbortSignal): Promise<void> {
    this.#change({ state: "starting" });
    try {
      const { logFile } = this.#surroundings;
      const onSpawn = (running: RunningPart) => this.#onSpawn(running);
      await startPart(this.part, { logFile, report, signal, onSpawn });
    } catch (error) {
      this.#change({ state: signal.aborted ? "stopped" : "failed" });
      throw error;
    }
    this.#change({ state: "running" });
  }

  #onSpawn(running: RunningPart): void {
    this.#process = running;
    this.spawnedAt = performance.now();
    this.#change({ pid: running.pid, startedAt: running.startedAt });
    void running.exited.then((exit) => this.#onExit(exit));
  }

  #onExit(exit: Exit): void {
    const hadBeenReady = this.record.state === "running";
    this.#process = undefined;
    void this.part.leave?.();
    this.#change({ pid: null, startedAt: null });
    const { signal } = this.#attempt;
    if (!hadBeenReady || signal.aborted) return;
    this.#change({ state: "failed" });
    const { logFile, say } = this.#surroundings;
    const { name } = this.part;
    say(`${name} ended unexpectedly (${describeExit(exit)}) and is started again. ${logHint(name, logFile)}`);
    if (performance.now() - this.spawnedAt > STABLE_MILLISECONDS) this.#deaths = 0;
    this.#work = this.#revive(signal);
  }

  /** As ECS does: it restarts without an end, and quickly at first. */
  async #revive(signal: AbortSignal): Promise<void> {
    const { say } = this.#surroundings;
    while (!signal.aborted) {
      try {
        await sleep(fullJitter(++this.#deaths), undefined, { signal });
        this.#change({ restarts: this.record.restarts + 1 });
        await this.#launch(() => {}, signal);
        return say(`${this.part.name} is ready again.`);
      } catch (error) {
        if (!signal.aborted) say(`${explain(error).split("\n", 1).join()} It is started again.`);
      }
    }
  }

  #change(change: Partial<PartRecord>): void {
    Object.assign(this.record, change);
    this.#surroundings.onChange();
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(action, action);
    this.#turn = result.catch(() => {});
    return result;
  }
}
