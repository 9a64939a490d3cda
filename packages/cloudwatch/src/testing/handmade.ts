import type { Recording, Sample } from "../recording.ts";

/** A recording for tests: for each metric one digit for each minute, or a point for a minute without data. */
export function handmade(
  digits: Readonly<Record<string, string>>,
  { fault = "handmade", phases = {} }: Partial<Pick<Recording, "fault" | "phases">> = {},
): Recording {
  const series = Object.entries(digits).map(([key, text]) => {
    const minutes: Record<string, Sample[]> = {};
    for (const [minute, digit] of [...text].entries()) {
      if (digit !== ".") minutes[minute] = [Number(digit)];
    }
    return [key, minutes] as const;
  });
  const minutes = Math.max(...Object.values(digits).map(({ length }) => length));
  return { fault, minutes, phases, series: Object.fromEntries(series) };
}
