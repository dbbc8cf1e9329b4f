import { FOREVER, durationMs, retentionFaults, type Keeping } from '@flow/kernel';

/** One setting: how its text is read, what it is without one, and what to tell people about it. */
export interface Setting<T> {
  /** What stands in .env; '' where nothing is set. */
  readonly fallback: string;
  readonly help: string;
  /** Never printed. */
  readonly secret: boolean;
  /** The value of a text, or a sentence that says what the text should be. */
  readonly read: (text: string) => { readonly value: T } | { readonly fault: string };
}

interface About {
  readonly help: string;
  readonly secret?: boolean;
}

const made = <T>(fallback: string, about: About, read: Setting<T>['read']): Setting<T> => ({
  fallback,
  help: about.help,
  secret: about.secret ?? false,
  read,
});

export function text(fallback: string, about: About): Setting<string> {
  return made(fallback, about, (given) => (given ? { value: given } : { fault: 'must not be empty' }));
}

/** null where nothing is set. */
export function optionalText(about: About & { minLength?: number }): Setting<string | null> {
  const least = about.minLength ?? 1;
  return made('', about, (given) => {
    if (given === '') return { value: null };
    return given.length >= least ? { value: given } : { fault: `needs at least ${least} characters` };
  });
}

/** An http or https address without a slash at its end, a query or a fragment; null where nothing is set. */
export function optionalUrl(about: About): Setting<string | null> {
  return made('', about, (given) => {
    if (given === '') return { value: null };
    const fits = /^https?:\/\/[^\s/?#]+(\/[^\s?#]*[^\s?#/])?$/.test(given) && URL.canParse(given);
    return fits
      ? { value: given }
      : { fault: 'must be an address such as https://flow.example.com, without a slash at its end' };
  });
}

/**
 * `scheme://user:password@host:port/database`, its port may be missing; null where nothing is set. What an address cannot hold is written in
 * percent (`%40` for an @).
 */
export function optionalDatabaseUrl(
  { schemes, example }: { schemes: readonly string[]; example: string },
  about: About,
): Setting<string | null> {
  return made('', { ...about, secret: true }, (given) => {
    if (given === '') return { value: null };
    return namesDatabase(given, schemes)
      ? { value: given }
      : { fault: `must be an address such as ${example}, its password in percent-encoding` };
  });
}

function namesDatabase(given: string, schemes: readonly string[]): boolean {
  if (!URL.canParse(given)) return false;
  const { protocol, username, password, hostname, pathname, search, hash } = new URL(given);
  const names = /^\/[^/]+$/.test(pathname) && username !== '' && hostname !== '' && search === '' && hash === '';
  try {
    return (
      names && schemes.includes(protocol.slice(0, -1)) && decodeURIComponent(`${username}${password}${pathname}`) !== ''
    );
  } catch {
    return false;
  }
}

/** `mongodb://`, one host or several, and a database, which has to be named: without one the driver would take another; null where nothing is set. */
export function optionalMongoUrl(about: About): Setting<string | null> {
  const form = /^mongodb(\+srv)?:\/\/[^\s/?#]+\/[^\s/?#]+(\?\S*)?$/;
  return made('', { ...about, secret: true }, (given) => {
    if (given === '') return { value: null };
    return form.test(given)
      ? { value: given }
      : {
          fault:
            'must be an address such as mongodb://user:password@host:27017/database, its password in percent-encoding',
        };
  });
}

/** `off`, `on`, or the path of a file (with a slash in it, so that no typing mistake is one). */
export function offOnOrFile(fallback: 'off' | 'on', about: About): Setting<string> {
  return made(fallback, about, (given) =>
    given === 'off' || given === 'on' || given.includes('/')
      ? { value: given }
      : { fault: 'must be off, on, or the path of a file, as in /etc/ssl/ca.pem or ./ca.pem' },
  );
}

/** The address of a server of other than HTTP, with one of these schemes; null where nothing is set. */
export function optionalServer(schemes: readonly string[], example: string, about: About): Setting<string | null> {
  return made('', about, (given) => {
    if (given === '') return { value: null };
    const url = URL.canParse(given) ? new URL(given) : undefined;
    const fits = url && schemes.includes(url.protocol.slice(0, -1)) && url.hostname !== '';
    return fits ? { value: given } : { fault: `must be an address such as ${example}` };
  });
}

export function integer(fallback: number, range: { min: number; max: number }, about: About): Setting<number> {
  return made(String(fallback), about, (given) => {
    const value = Number(given);
    const fits = /^\d+$/.test(given) && value >= range.min && value <= range.max;
    return fits ? { value } : { fault: `must be a whole number from ${range.min} to ${range.max}` };
  });
}

const UNITS: Readonly<Record<string, number>> = { '': 1, B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Bytes: a number, alone or with KiB, MiB or GiB. */
export function size(fallback: string, range: { min: number; max: number }, about: About): Setting<number> {
  return made(fallback, about, (given) => {
    const match = /^(\d{1,12}) ?(B|KiB|MiB|GiB)?$/.exec(given);
    const value = match ? Number(match[1]) * (UNITS[match[2] ?? ''] ?? NaN) : NaN;
    return value >= range.min && value <= range.max
      ? { value }
      : { fault: `must be a size from ${range.min} to ${range.max} bytes, as in 256KiB or 1MiB` };
  });
}

/** Milliseconds, written as an ISO 8601 duration. */
export function duration(fallback: string, range: { minMs: number; maxMs: number }, about: About): Setting<number> {
  return made(fallback, about, (given) => {
    const value = durationMs(given) ?? NaN;
    return value >= range.minMs && value <= range.maxMs
      ? { value }
      : { fault: `must be a duration from ${range.minMs / 1000} to ${range.maxMs / 1000} seconds, as in PT25S` };
  });
}

/** How long something is kept: an ISO 8601 duration, or `forever`. */
export function keeping(fallback: Keeping, about: About): Setting<Keeping> {
  return made(fallback, about, (given) =>
    retentionFaults(given, '').length === 0
      ? { value: given }
      : { fault: `must be a duration of at least a minute, as in P30D, or ${FOREVER}` },
  );
}

export function choice<const T extends string>(options: readonly T[], fallback: NoInfer<T>, about: About): Setting<T> {
  return made(fallback, about, (given) => {
    const value = options.find((option) => option === given);
    return value === undefined ? { fault: `must be one of ${options.join(', ')}` } : { value };
  });
}

/** Items between commas; each must look as `item` says. */
export function list(item: { pattern: RegExp; name: string }, about: About): Setting<readonly string[]> {
  return made('', about, (given) => {
    const value = given
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    const wrong = value.find((part) => !item.pattern.test(part));
    return wrong === undefined ? { value } : { fault: `is a list of ${item.name} between commas; "${wrong}" is none` };
  });
}
