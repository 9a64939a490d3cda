import pc from "picocolors";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MILLISECONDS = 100;

/** Shows the work under way: live on a terminal, as plain lines elsewhere. */
export interface Terminal {
  line(text: string): void;
  /** The first step, which everybody expects: shown while it lasts, without a line in a file. */
  begin(name: string, what: string): void;
  /** Names the current step of this name until `done` or `failed` ends it. */
  doing(name: string, what: string): void;
  done(name: string, what: string): void;
  failed(name: string, what: string): void;
}

interface Activity {
  what: string;
  since: number;
}

/** Writing to a closed terminal is ignored. */
export function openTerminal(stream: NodeJS.WriteStream, names: readonly string[]): Terminal {
  stream.on("error", () => {}); // EPIPE, EIO: the platform must still drain
  const isLive = stream.isTTY === true;
  const paint = pc.createColors(isLive && pc.isColorSupported);
  const width = Math.max(...names.map((name) => name.length));
  const active = new Map<string, Activity>();
  let shown = 0;
  let timer: NodeJS.Timeout | undefined;

  const redraw = (permanent = "") => {
    const frame = paint.cyan(
      FRAMES[Math.floor(performance.now() / FRAME_MILLISECONDS) % FRAMES.length] ?? "",
    );
    const rows = [...active].map(([name, { what, since }]) => {
      const room = Math.max(0, (stream.columns || 80) - width - 14);
      return `${frame} ${name.padEnd(width)}  ${seconds(since)}  ${paint.dim(what.slice(0, room))}\n`;
    });
    const up = shown > 0 ? `\x1b[${shown}F\x1b[J` : "";
    stream.write(up + permanent + rows.join(""));
    shown = rows.length;
    if (shown === 0) timer = void clearInterval(timer);
    else timer ??= setInterval(redraw, FRAME_MILLISECONDS).unref();
  };
  const line = (text: string) => void (isLive ? redraw(`${text}\n`) : stream.write(`${text}\n`));
  const end = (mark: string) => (name: string, what: string) => {
    const since = active.get(name)?.since ?? performance.now();
    active.delete(name);
    line(`${mark} ${name.padEnd(width)}  ${seconds(since)}  ${what}`.trimEnd());
  };
  const begin = (name: string, what: string) => {
    active.set(name, { what, since: active.get(name)?.since ?? performance.now() });
    if (isLive) redraw();
  };
  const doing = (name: string, what: string) => {
    const before = active.get(name);
    begin(name, what);
    if (isLive) return;
    // Changing figures are for a live display: a file gets the same words only once.
    if (withoutFigures(before?.what ?? "") !== withoutFigures(what)) line(`… ${name.padEnd(width)}  ${what}`);
  };
  return { line, begin, doing, done: end(paint.green("✔")), failed: end(paint.red("✖")) };
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`.padStart(7);
}

function withoutFigures(text: string): string {
  return text.replaceAll(/[\d.,]+/g, "");
}
