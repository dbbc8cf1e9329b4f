import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** What stands beside a file that was compressed when it was built, the better one first. */
const ENCODINGS = { br: '.br', gzip: '.gz' } as const;
export type Encoding = keyof typeof ENCODINGS;

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
  readonly encoded: ReadonlyMap<Encoding, Buffer>;
}

/** A built console: all of its files, read once. What was not built cannot be asked for, whatever an address says. */
export interface ConsoleFiles {
  /** The page around the place of its nonce. */
  readonly page: readonly [before: string, after: string];
  /** By the names that stand in the page. */
  readonly assets: ReadonlyMap<string, Asset>;
}

/** Undefined: nothing was built there. */
export async function readConsole(folder: string): Promise<ConsoleFiles | undefined> {
  const place = join(folder, 'assets');
  if (!existsSync(place)) return undefined;
  const [before = '', after = ''] = (await readFile(join(folder, 'index.html'), 'utf8')).split(/(?<=<head>)/);
  const names = new Set(await readdir(place));
  const read = async (name: string): Promise<[string, Asset]> => {
    const compressed = Object.entries(ENCODINGS).filter(([, ending]) => names.has(`${name}${ending}`));
    const encoded = compressed.map(
      async ([encoding, ending]) => [encoding as Encoding, await readFile(join(place, `${name}${ending}`))] as const,
    );
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    return [name, { type, bytes: await readFile(join(place, name)), encoded: new Map(await Promise.all(encoded)) }];
  };
  const plain = [...names].filter((name) => !Object.values(ENCODINGS).some((ending) => name.endsWith(ending)));
  return { page: [before, after], assets: new Map(await Promise.all(plain.map(read))) };
}

/** The smallest form of a file that a client takes; undefined is the file as it is. */
export function encodingFor(accepted: string | undefined, { encoded }: Asset): Encoding | undefined {
  const weights = new Map(
    (accepted ?? '').split(',').map((part) => {
      const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return [name, weight === undefined ? 1 : Number(weight)];
    }),
  );
  return [...encoded.keys()].find((name) => (weights.get(name) ?? weights.get('*') ?? 0) > 0);
}
