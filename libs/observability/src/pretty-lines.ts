import type { DestinationStream } from 'pino';

interface Line {
  readonly time: string;
  readonly level: string;
  readonly msg?: string;
  readonly err?: { readonly stack?: string; readonly message?: string };
  readonly [fact: string]: unknown;
}

/** `12:00:00.000 INFO  message key=value`, the stack of an error below it. */
export function prettyLine(json: string): string {
  const { time, level, msg, err, pid: _pid, ...facts } = JSON.parse(json) as Line;
  const shown = Object.entries(facts).map(([key, value]) => {
    return `${key}=${typeof value === 'string' && /^[^\s\p{Cc}]+$/u.test(value) ? value : plain(JSON.stringify(value))}`;
  });
  const head = [time.slice(11, 23), level.toUpperCase().padEnd(5), plain(msg ?? ''), ...shown].join(' ').trimEnd();
  const trouble = (err?.stack ?? err?.message)?.split('\n').map(plain).join('\n');
  return trouble === undefined ? `${head}\n` : `${head}\n    ${trouble.replaceAll('\n', '\n    ')}\n`;
}

/** A terminal obeys control characters, and a line break makes a line that nobody wrote: both are shown instead. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A destination that writes pino's lines for people. */
export function prettyLines(to: DestinationStream): DestinationStream {
  return { write: (json) => to.write(prettyLine(json)) };
}
