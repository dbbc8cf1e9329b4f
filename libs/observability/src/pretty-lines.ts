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
    return `${key}=${typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value)}`;
  });
  const head = [time.slice(11, 23), level.toUpperCase().padEnd(5), msg ?? '', ...shown].join(' ').trimEnd();
  const trouble = err?.stack ?? err?.message;
  return trouble === undefined ? `${head}\n` : `${head}\n    ${trouble.replaceAll('\n', '\n    ')}\n`;
}

/** A destination that writes pino's lines for people. */
export function prettyLines(to: DestinationStream): DestinationStream {
  return { write: (json) => to.write(prettyLine(json)) };
}
