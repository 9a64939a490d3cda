import { expect, test } from "vitest";
import { printable, printableLine, readableLine } from "./readable-line.ts";

test.each([
  ["clears the screen", "\u001b[2J\u001b[H", "\\u001b[2J\\u001b[H"],
  ["begins a command in one character", "\u009b31m", "\\u009b31m"],
  ["goes back and writes over what stood there", "refused\rok     ", "refused\\u000dok     "],
  ["rings, or takes a character back", "\u0007\b\u007f", "\\u0007\\u0008\\u007f"],
  ["turns the direction", "safe\u202egnp.exe\u2066", "safe\\u202egnp.exe\\u2066"],
  ["ends a line for some readers", "a\u2028b\u2029c\u0085d", "a\\u2028b\\u2029c\\u0085d"],
])("a text that %s is printed as an escape", (_, text, printed) => {
  expect(printable(text)).toBe(printed);
});

test("other text is printed as it is", () => {
  const text = '{"message":"é 漢字 🎬"}\n\tat main\n';
  expect(printable(text)).toBe(text);
});

test("a text for one line cannot begin another", () => {
  expect(printableLine("a\nb\tc\rd")).toBe("a\\u000ab\\u0009c\\u000dd");
});

test("a log line of this project is printed as its message and its cause", () => {
  const line = { level: "fatal", time: "2026-11-26T12:00:00.000Z", service: "sqs", message: "cannot start" };
  expect(readableLine(JSON.stringify(line))).toBe("cannot start");
  const err = { type: "Error", message: "The environment lacks PORT.", stack: "    at a" };
  expect(readableLine(JSON.stringify({ ...line, err }))).toBe("cannot start: The environment lacks PORT.");
  expect(readableLine("[error] \u001b[31mno such table")).toBe("[error] \\u001b[31mno such table");
});
