// Times and amounts as people read them.

export function clock(ms: number, now: number): string {
  const [day, time] = parts(ms);
  return day === parts(now)[0] ? `${time?.slice(0, 5)} UTC` : `${day}, ${time?.slice(0, 5)} UTC`;
}

export function day(ms: number): string {
  return parts(ms)[0] ?? "";
}

/** How long ago, or how old. */
export function age(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.floor(seconds))} seconds`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} minutes`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)} hours` : `${Math.floor(seconds / 86_400)} days`;
}

export function about(seconds: number): string {
  if (seconds > 7_200) return `about ${Math.ceil(seconds / 3_600)} h`;
  return `about ${Math.max(1, Math.ceil(seconds / 60))} min`;
}

/** "26 Nov 2026" and "10:32:05", in UTC. */
function parts(ms: number): string[] {
  const text = new Date(ms).toUTCString();
  return [text.slice(5, 16).replace(/^0/, ""), text.slice(17, 25)];
}
