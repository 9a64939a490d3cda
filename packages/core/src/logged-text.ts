/** Characters of one text in a log: more than any message or path of ours has. */
export const TEXT_MAX = 2_000;
/** The ten frames of a stack. */
export const STACK_MAX = 4_000;
/** Characters of all fields of a line: six bytes each when all have to be escaped, so that with an error and its causes it fits CloudWatch's 256 KB. */
export const FIELDS_MAX = 16_000;
/** Texts in a list. */
export const LIST_MAX = 20;

/** Fit for a line: cut at its bound, and without halves of a surrogate pair, which no UTF-8 can hold. */
export function toText(value: string, charactersMax = TEXT_MAX): string {
  const cut = value.length > charactersMax ? `${value.slice(0, Math.max(0, charactersMax - 1))}…` : value;
  return cut.toWellFormed();
}
