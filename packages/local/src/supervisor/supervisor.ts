import { once } from "node:events";
import type { Settings } from "../platform/settings.ts";
import { openTerminal, type Terminal } from "../terminal/terminal.ts";
import { serveControl } from "./control.ts";
import { type ExternalPart, Fleet } from "./fleet.ts";
import { runInOrder, type Step } from "./graph.ts";
import { hearInterrupts } from "./interrupts.ts";
import type { Part } from "./part.ts";
import { refuseTakenPorts } from "./ports.ts";
import { unlessAborted } from "./unless-aborted.ts";

const INTERRUPTED = 130;
const STOPPING = "Stopping in order. A second Ctrl-C kills what still runs.";

/** Work that is done once during the start, between parts: migrations, demo data. */
export interface Task {
  name: string;
  needs: readonly string[];
  run(report: (doing: string) => void): Promise<void>;
}

export interface Supervision {
  settings: Settings;
  parts: readonly Part[];
  tasks: readonly Task[];
  /** Servers that run elsewhere and that parts may need. */
  external?: readonly ExternalPart[];
  /** Further fields of platform.json besides the parts. */
  extra: Record<string, unknown>;
  /** The lines that the person sees when everything is ready. */
  summary: () => string[];
}

/**
 * Runs the platform until an interrupt, and leaves no process behind. Needs a claimed directory.
 * Returns the exit code. A failure to start is thrown once everything is stopped again.
 */
export async function supervise(supervision: Supervision): Promise<number> {
  const { settings, parts, tasks, external = [], extra, summary } = supervision;
  await refuseTakenPorts(parts, settings);
  const terminal = openTerminal(
    process.stdout,
    [...parts, ...tasks].map(({ name }) => name),
  );
  const fleet = new Fleet(settings.directory, parts, external, extra, terminal);
  const interrupts = hearInterrupts(() => fleet.kill());
  interrupts.signal.addEventListener("abort", () => terminal.line(STOPPING), { once: true });
  const control = await serveControl(settings.directory, fleet);
  const steps = [
    ...[...fleet.parts.values()].map((part) => fleet.step(part)),
    ...tasks.map((task) => taskStep(task, fleet, terminal)),
  ];
  let code = INTERRUPTED;
  try {
    await runInOrder(
      steps.map((step) => reported(step, terminal)),
      interrupts.signal,
    );
    fleet.enter("running");
    for (const line of summary()) terminal.line(line);
    if (!interrupts.signal.aborted) await once(interrupts.signal, "abort");
    code = 0;
  } catch (error) {
    if (!interrupts.signal.aborted) throw error;
  } finally {
    fleet.enter("stopping");
    await fleet.drain();
    await control.close();
    fleet.enter("stopped");
    interrupts.close();
  }
  return code;
}

function taskStep({ name, needs, run }: Task, fleet: Fleet, terminal: Terminal): Step {
  const work = async (signal: AbortSignal) => {
    terminal.begin(name, "working");
    await unlessAborted(
      signal,
      run((doing) => terminal.doing(name, doing)),
    );
    terminal.done(name, "done");
  };
  return { name, needs: fleet.ownNeeds(needs), run: work };
}

/** A step that fails leaves the terminal's list of steps under way, too. */
function reported(step: Step, terminal: Terminal): Step {
  const run = async (signal: AbortSignal) => {
    try {
      await step.run(signal);
    } catch (error) {
      terminal.failed(step.name, signal.aborted ? "given up" : "failed");
      throw error;
    }
  };
  return { ...step, run };
}
