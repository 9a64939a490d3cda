import { SetupError } from "@cloud-design/local/supervisor/part";

/** A name that every place takes which has it: npm, DNS, PostgreSQL, IAM and S3. */
const PATTERN = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Amazon MQ takes 50 characters for `<stage>-<name>-broker`; 20 leave a stage some room. */
const LENGTH_MAX = 20;
/** The exercise keeps its name. */
const EXERCISE = /(?! exercise)/.source;

/** Throws a sentence when the product cannot have this name. */
export function checkProductName(name: string): void {
  if (PATTERN.test(name) && name.length <= LENGTH_MAX) return;
  throw new SetupError(
    `The product cannot be called "${name}": take lower-case letters, digits and single hyphens, a letter first, at most ${LENGTH_MAX} characters.`,
  );
}

/** The text with one product name in place of another, in each of its three spellings. */
export function renameIn(text: string, from: string, to: string): string {
  const constant = (name: string) => name.replaceAll("-", "_").toUpperCase();
  const joined = (name: string) => name.replaceAll("-", "");
  return text
    .replaceAll(new RegExp(`(?<![A-Za-z])${from}${EXERCISE}`, "g"), to)
    .replaceAll(constant(from), constant(to))
    .replaceAll(joined(from), joined(to));
}
