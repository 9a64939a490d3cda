export { run } from "../seed.ts";
