import { SetupError } from "@cloud-design/local/supervisor/part";

/** The value of a flag: a whole number from 1 to the bound, or the default without one. */
export function wholeNumber(flag: string, value: unknown, otherwise: number, max: number): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (/^\d+$/.test(String(value)) && number >= 1 && number <= max) return number;
  throw new SetupError(`${flag} takes a whole number from 1 to ${max.toLocaleString("en")}, not "${value}".`);
}
