import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import { Server } from "node:net";

/** A unit test is pure: it starts no process and opens no port. A test that must is a `*.process.test.ts`. */
function refuse(): never {
  throw new Error("A unit test starts no process and opens no port: name the file *.process.test.ts.");
}

for (const name of ["exec", "execFile", "execFileSync", "execSync", "fork", "spawn", "spawnSync"] as const) {
  Object.assign(childProcess, { [name]: refuse });
}
syncBuiltinESMExports();
Server.prototype.listen = refuse;
