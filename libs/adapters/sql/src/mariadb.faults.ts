import { RelationalUnavailable } from './relational.errors';

interface DriverError {
  readonly code?: string;
  readonly errno?: number;
  /** The driver says so of what ended the connection. */
  readonly fatal?: boolean;
}

const DUPLICATE = 1062;
const NO_SUCH_TABLE = 1146;
/** Deadlock, a lock that was not had in time, a row that changed under a snapshot: the transaction is, or has to be, taken back. */
const GIVEN_UP: ReadonlySet<unknown> = new Set([1213, 1205, 1020]);
/** This user may not do that: to the database, a table, a column, at all. */
const FORBIDDEN: ReadonlySet<unknown> = new Set([1044, 1142, 1143, 1227, 1370]);

type Fact = readonly [codes: readonly (string | number)[], what: string, todo: string];

const FACTS: readonly Fact[] = [
  [['ENOTFOUND', 'EAI_AGAIN'], 'has a host name that is not found', 'correct the host in MARIADB_URL'],
  [['ECONNREFUSED'], 'cannot be reached', 'start it, or correct host and port in MARIADB_URL'],
  [
    ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
    'does not answer',
    'see that it runs, that no firewall is between, and that host and port in MARIADB_URL are right',
  ],
  [
    [1045, 1698],
    'refuses the user or its password',
    'correct them in MARIADB_URL (an @ in a password is written %40, and so on), and MARIADB_TLS if it wants TLS of this user',
  ],
  [[1130], 'lets nobody in from this host', 'create the user of MARIADB_URL for it, see docs/production.md'],
  [[1129], 'has blocked this host', 'run FLUSH HOSTS there, then see that MARIADB_URL is right'],
  [[1049], 'has no such database', 'create it, see docs/production.md, or correct its name in MARIADB_URL'],
  [
    [...FORBIDDEN] as number[],
    'does not let the user of MARIADB_URL do this',
    'grant what docs/production.md says, or correct MARIADB_URL',
  ],
  [[1040, 1203, 1226], 'takes no more connections', 'raise max_connections there, or lower MARIADB_POOL'],
  [
    [1290, 1836],
    'is read-only, and nothing was changed',
    'let MARIADB_URL name the primary, or make that server writable',
  ],
  [
    [1317, 1969, 3024],
    'gave up a statement, and nothing of this was kept',
    'see what ends statements on the server of MARIADB_URL, and ask again',
  ],
  [
    [1021, 1114],
    'has no room left, and nothing of this was kept',
    'free space on the disk of the server of MARIADB_URL',
  ],
  [[1047], 'takes no statements, as a part of no cluster', 'let MARIADB_URL name a server that is in the cluster'],
  [['HANDSHAKE_NO_SSL_SUPPORT'], 'does not offer TLS', 'set it up there, or set MARIADB_TLS=off'],
  [[3159], 'wants TLS', 'set MARIADB_TLS=on or to the file of its authority'],
  [
    ['HANDSHAKE_SSL_ERROR'],
    'has a certificate that is not trusted, or no TLS that fits',
    'set MARIADB_TLS to the file of the authority that signed it; it must name the host of MARIADB_URL',
  ],
];

/** What somebody has to mend, in the settings or on the server: no waiting helps. */
const MISCONFIGURED: ReadonlySet<unknown> = new Set([
  1045,
  1049,
  1130,
  1698,
  3159,
  'HANDSHAKE_NO_SSL_SUPPORT',
  'HANDSHAKE_SSL_ERROR',
  ...FORBIDDEN,
]);

const BROKE_OFF = [
  'broke off',
  'nothing of this was kept; see that the server of MARIADB_URL runs, and ask again',
] as const;
/** Killed, shutting down, gone. */
const ENDS_CONNECTION: ReadonlySet<unknown> = new Set([1053, 1184, 1927, 'ECONNRESET', 'EPIPE']);

const codesOf = (error: unknown) => (error ?? {}) as DriverError;

/** What the driver threw, as the fact that it is where there is a name for it. */
export function unavailableFor(error: unknown): RelationalUnavailable | undefined {
  if (error instanceof RelationalUnavailable) return error;
  const { code = 'closed', errno } = codesOf(error);
  const known = FACTS.find(([codes]) => codes.some((one) => one === errno || one === code));
  const [what, todo] = known ? [known[1], known[2]] : endsConnection(error) ? BROKE_OFF : [];
  return what === undefined ? undefined : new RelationalUnavailable(`${what} (${code}): ${todo}.`, error);
}

/** What a read-only server would say to a write. */
export function readOnlyServer(): RelationalUnavailable {
  return new RelationalUnavailable(
    'is read-only: let MARIADB_URL name the primary, or make that server writable.',
    undefined,
  );
}

/** Whether nothing more can be sent to the server. */
export function endsConnection(error: unknown): boolean {
  const { code, errno, fatal } = codesOf(error);
  return fatal === true || ENDS_CONNECTION.has(errno) || ENDS_CONNECTION.has(code);
}

export function isMisconfigured(error: unknown): boolean {
  const { code, errno } = codesOf(error);
  return MISCONFIGURED.has(errno) || MISCONFIGURED.has(code);
}

export function isGivenUp(error: unknown): boolean {
  return GIVEN_UP.has(codesOf(error).errno);
}

export function isForbidden(error: unknown): boolean {
  return FORBIDDEN.has(codesOf(error).errno);
}

export function isDuplicateEntry(error: unknown): boolean {
  return codesOf(error).errno === DUPLICATE;
}

export function isMissingTable(error: unknown): boolean {
  return codesOf(error).errno === NO_SUCH_TABLE;
}
