import { SetupError } from "./part.ts";

/** The value of a flag: a whole number within the bounds, or the default without one. */
export function wholeNumber(flag: string, value: unknown, otherwise: number, max: number, min = 1): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (/^\d+$/.test(String(value)) && number >= min && number <= max) return number;
  throw new SetupError(
    `${flag} takes a whole number from ${min} to ${max.toLocaleString("en")}, not "${value}".`,
  );
}
