import { SetupError } from "@cloud-design/local/supervisor/part";
import type { Pace } from "./paced.ts";

const ANSWER_SECONDS = 15;
/** If the answer names no time: API Gateway's throttle is over in a second. */
const PAUSE_SECONDS = 5;
const PAUSE_MAX_SECONDS = 120;
/** Longer than the firewall's window, and longer than a database's failover. */
const PATIENCE_MINUTES = 10;

interface PatientPost {
  pace: Pace;
  /** A token, and not the one that was refused. */
  token: (refused?: string) => Promise<string>;
  report: (doing: string) => void;
}

interface Request {
  url: URL;
  body: object;
  /** Without it a second attempt could create a second row. */
  idempotencyKey: string;
}

/** Posts until the request is accepted, at the shared pace. It waits as long as the answers say, and gives up on a request that can never be accepted. */
export function patientPost({ pace, token, report }: PatientPost): (request: Request) => Promise<void> {
  let takenAt = performance.now();
  return async ({ url, body, idempotencyKey }) => {
    let refused: string | undefined;
    for (;;) {
      const bearer = await token(refused);
      await pace.turn();
      const response = await fetch(url, {
        method: "POST",
        headers: {
          authorization: `Bearer ${bearer}`,
          "content-type": "application/json",
          "idempotency-key": idempotencyKey,
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_SECONDS * 1_000),
      }).catch((error: Error) => error);
      if (response instanceof Response && response.ok) {
        await response.body?.cancel();
        takenAt = performance.now();
        return;
      }
      const { seconds, why } = await refusalOf(response, refused !== undefined);
      refused = response instanceof Response && response.status === 401 ? bearer : undefined;
      if (performance.now() - takenAt > PATIENCE_MINUTES * 60_000) {
        throw new SetupError(
          `No request was accepted for ${PATIENCE_MINUTES} minutes (${why}): run the command again later.`,
        );
      }
      if (seconds === 0) continue;
      report(`${why}: waiting for ${seconds} s`);
      pace.pause(seconds * 1_000);
    }
  };
}

/** How long to wait before the next attempt. Throws if another attempt could not succeed. */
async function refusalOf(
  response: Response | Error,
  isSecond: boolean,
): Promise<{ seconds: number; why: string }> {
  if (response instanceof Error) return { seconds: PAUSE_SECONDS, why: `no answer (${codeOf(response)})` };
  const { status, headers } = response;
  const said = await response.text();
  if (status === 401 && !isSecond) return { seconds: 0, why: "the token has expired" };
  if (status !== 429 && status < 500) {
    throw new SetupError(`A request was answered with ${status}: ${said.slice(0, 300)}`);
  }
  const given = Number(headers.get("retry-after") ?? Number.NaN);
  const seconds = Number.isFinite(given) && given >= 0 ? Math.min(given, PAUSE_MAX_SECONDS) : PAUSE_SECONDS;
  return { seconds: Math.max(1, seconds), why: `answered with ${status}` };
}

/** The message `fetch failed` is not helpful; its cause is. */
function codeOf({ name, cause }: Error): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : name;
}
