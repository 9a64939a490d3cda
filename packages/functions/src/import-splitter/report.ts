/** Bounds the report's memory. A file with more bad rows has a fault that the first ones show. */
const LINES_MAX = 10_000;

/** Collects the refused rows, as NDJSON: the line that a row begins on, and the reason. */
export function createReport() {
  const lines: string[] = [];
  let bad = 0;
  return {
    get bad() {
      return bad;
    },
    add(line: number, reason: string): void {
      bad++;
      if (lines.length < LINES_MAX) lines.push(`${JSON.stringify({ line, reason })}\n`);
    },
    text(): string {
      const further = bad - lines.length;
      return lines.join("") + (further > 0 ? `${JSON.stringify({ further })}\n` : "");
    },
  };
}
