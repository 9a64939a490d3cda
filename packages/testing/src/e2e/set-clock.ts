import { readFileSync } from "node:fs";

/** Loaded before a part's own code: only its wall clock is wrong, by as many milliseconds as CLOCK_FILE says at that moment. */
const file = process.env.CLOCK_FILE ?? "";
const now = () => RealDate.now() + Number(readFileSync(file, "utf8"));

const RealDate = Date;
globalThis.Date = new Proxy(RealDate, {
  construct: (real, given, target) => Reflect.construct(real, given.length === 0 ? [now()] : given, target),
  get: (real, name) => (name === "now" ? now : Reflect.get(real, name)),
});
