/** A text in one of CloudWatch's small languages, read word by word. An unexpected word throws with one sentence. */
export interface Words {
  /** The next word, if it is one of these. */
  takeIf(...these: string[]): string | undefined;
  /** The next word, if it matches. */
  takeMatch(pattern: RegExp): string | undefined;
  take(expected: string): void;
  end(): void;
  /** Throws: the next word is unexpected. */
  refuse(): never;
}

/** A language: its words, and the file to extend it in. */
export interface Language {
  name: string;
  words: RegExp;
  file: string;
}

export function wordsOf(text: string, language: Language): Words {
  const list = text.match(new RegExp(`${language.words.source}|\\S`, "g")) ?? [];
  let at = 0;
  const refuse = (): never => {
    const what = list[at] === undefined ? "its end" : `"${list[at]}"`;
    throw new Error(
      `${language.name} ${text}: ${what} is not known there. Teach it to ${language.file}, with AWS's rule for it.`,
    );
  };
  const takeWhen = (fits: (word: string) => boolean) => {
    const word = list[at];
    if (word === undefined || !fits(word)) return;
    at += 1;
    return word;
  };
  return {
    takeIf: (...these) => takeWhen((word) => these.includes(word)),
    takeMatch: (pattern) => takeWhen((word) => pattern.test(word)),
    take: (expected) => takeWhen((word) => word === expected) ?? refuse(),
    end: () => (list[at] === undefined ? undefined : refuse()),
    refuse,
  };
}

/** Operands with operators between them, listed from the operators that bind least to those that bind most. */
export function infix<T>(
  words: Words,
  [level, ...tighter]: readonly (readonly string[])[],
  operand: () => T,
  join: (operator: string, left: T, right: T) => T,
): T {
  if (!level) return operand();
  const next = () => infix(words, tighter, operand, join);
  let left = next();
  for (let operator = words.takeIf(...level); operator; operator = words.takeIf(...level)) {
    left = join(operator, left, next());
  }
  return left;
}
