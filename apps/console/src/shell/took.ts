/** A length of time as short as it can be read: `12 ms`, `3.4 s`, `2 min 5 s`, `3 h 4 min`, `2 d 1 h`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 9_950 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return pair(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  return minutes < 1_440 ? pair(minutes, 60, 'h', 'min') : pair(Math.round(minutes / 60), 24, 'd', 'h');
}

function pair(value: number, base: number, large: string, small: string): string {
  const rest = value % base;
  return `${Math.floor(value / base)} ${large}${rest > 0 ? ` ${rest} ${small}` : ''}`;
}

/** How long something took or has taken so far; undefined before it began. */
export function tookMs(of: { readonly startedAt?: string | null; readonly endedAt?: string | null }, nowMs: number) {
  if (of.startedAt === null || of.startedAt === undefined) return undefined;
  const end = of.endedAt === null || of.endedAt === undefined ? nowMs : Date.parse(of.endedAt);
  return Math.max(0, end - Date.parse(of.startedAt));
}

export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  if (bytes < 1_024 * 1_024) return `${(bytes / 1_024).toFixed(1)} KiB`;
  return `${(bytes / 1_024 / 1_024).toFixed(1)} MiB`;
}
