/** Most characters of one text in a log: more than any message or path of this project has. */
export const TEXT_MAX = 2_000;
/** Room for the ten frames of a stack. */
export const STACK_MAX = 4_000;
/**
 * Most characters of all fields of a line. Escaped, each takes up to six bytes, so a line with an error and its causes
 * fits CloudWatch's 256 KB.
 */
export const FIELDS_MAX = 16_000;
/** Most texts in a list. */
export const LIST_MAX = 20;

/** The text cut to its bound, without unpaired surrogates, which UTF-8 cannot encode. */
export function toText(value: string, charactersMax = TEXT_MAX): string {
  const cut = value.length > charactersMax ? `${value.slice(0, Math.max(0, charactersMax - 1))}…` : value;
  return cut.toWellFormed();
}
