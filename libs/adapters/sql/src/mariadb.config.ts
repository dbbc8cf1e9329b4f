import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { RelationalMisconfigured } from './relational.errors';

/** As the settings say it. */
export interface MariaDbConfig {
  /** `mysql://user:password@host:3306/database` */
  readonly url: string;
  /** Most connections at once. */
  readonly pool: number;
  /** `off`, `on` (trusted are the authorities that Node trusts), or the file of the authority that is trusted. */
  readonly tls: string;
}

export interface MariaDbAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Who is trusted; the certificate must name the host as well. */
export interface MariaDbTls {
  readonly ca?: string;
  readonly rejectUnauthorized: true;
  readonly verifyIdentity: true;
  readonly minVersion: 'TLSv1.2';
}

/** @throws RelationalMisconfigured, which never shows the address: it holds a password */
export function addressOf(url: string): MariaDbAddress {
  const address = partsOf(url);
  if (address?.host && address.database) return address;
  throw new RelationalMisconfigured('MARIADB_URL must be an address such as mysql://user:password@host:3306/database.');
}

function partsOf(url: string): MariaDbAddress | undefined {
  try {
    const { hostname, port, username, password, pathname } = new URL(url);
    return {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? 3306 : Number(port),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
    };
  } catch {
    return undefined;
  }
}

/** @throws RelationalMisconfigured */
export function tlsOf(tls: string, { host }: MariaDbAddress): MariaDbTls | undefined {
  if (tls === 'off') return undefined;
  if (isIP(host))
    throw new RelationalMisconfigured(
      'With MARIADB_TLS the certificate of the server is held against its name: put the name of the host in MARIADB_URL, not an IP address.',
    );
  const strict = { rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' } as const;
  return tls === 'on' ? strict : { ...strict, ca: authorityIn(tls) };
}

function authorityIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new RelationalMisconfigured(
      `MARIADB_TLS names the file ${file}, which cannot be read (${why}): name the certificate of the authority, as PEM.`,
      {},
      { cause },
    );
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new RelationalMisconfigured(
    `MARIADB_TLS names the file ${file}, which holds no certificate: name that of the authority, as PEM.`,
  );
}
