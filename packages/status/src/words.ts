// Times and amounts in a readable form.

/** The day only if it is not today, the year only if it is not this year. */
export function clock(ms: number, now: number): string {
  const [date, time] = parts(ms);
  const [today] = parts(now);
  const isThisYear = date.slice(-4) === today.slice(-4);
  if (date === today) return `${time} UTC`;
  return `${isThisYear ? date.slice(0, -5) : date}, ${time} UTC`;
}

/** The full date and time, for a text that may be read on another day. */
export function moment(ms: number): string {
  return `${parts(ms).join(", ")} UTC`;
}

export function day(ms: number): string {
  return parts(ms)[0];
}

/** A duration in words, such as an age. */
export function age(seconds: number): string {
  if (seconds < 120) return amount(seconds, "second");
  if (seconds < 7_200) return amount(seconds / 60, "minute");
  return seconds < 172_800 ? amount(seconds / 3_600, "hour") : amount(seconds / 86_400, "day");
}

function amount(count: number, unit: string): string {
  const whole = Math.max(0, Math.floor(count));
  return `${whole} ${unit}${whole === 1 ? "" : "s"}`;
}

export function about(seconds: number): string {
  if (seconds > 7_200) return `about ${Math.ceil(seconds / 3_600)} h`;
  return `about ${Math.max(1, Math.ceil(seconds / 60))} min`;
}

/** "26 Nov 2026" and "10:32", in UTC. */
function parts(ms: number): [date: string, time: string] {
  const text = new Date(ms).toUTCString();
  return [text.slice(5, 16).replace(/^0/, ""), text.slice(17, 22)];
}
