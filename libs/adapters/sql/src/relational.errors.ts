import { AppError } from '@flow/kernel';

/** A statement outside of `Relational.run`, or of one that has ended: it would run in somebody else's transaction. */
export class OutsideTransaction extends Error {
  constructor() {
    super('Repositories are used within the Relational.run that gave them, and awaited there.');
    this.name = 'OutsideTransaction';
  }
}

/** A row with this key stands already: the transaction has left nothing. */
export class DuplicateKey extends Error {
  constructor(cause: unknown) {
    super('A row with this key stands already.', { cause });
    this.name = 'DuplicateKey';
  }
}

/** The relational database cannot be used, or broke off: nothing of what was asked for is kept. */
export class RelationalUnavailable extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'relational.unavailable';
  override readonly retryAfterMs = 5_000;
  /** `fact` names the settings to look at; whoever is answered may be anybody, so that addresses and users stand in `at` alone. */
  constructor(
    private readonly fact: string,
    cause: unknown,
    place = '',
  ) {
    super(`MariaDB${place && ` at ${place}`} ${fact}`, {}, { cause });
  }

  /** The same, for the operator: with the place that the settings name. */
  at(place: string): RelationalUnavailable {
    return new RelationalUnavailable(this.fact, this.cause, place);
  }
}

/** The connection broke off while a transaction was being committed: whether it is kept is not known. Look before you ask again. */
export class CommitUnknown extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'relational.commit_unknown';
  override readonly retryAfterMs = 5_000;
  constructor(cause: unknown) {
    super(
      'The connection to MariaDB (MARIADB_URL) broke off while the change was being committed: it is kept as a whole or not at all, and which of both is not known. Read it before asking again.',
      {},
      { cause },
    );
  }
}

/** Other transactions held, again and again, what this one needs: nothing of it is kept. Ask again. */
export class RelationalContended extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'relational.contended';
  override readonly retryAfterMs = 1_000;
  constructor(attempts: number, cause: unknown) {
    super(
      `Other transactions held what this one needs, ${attempts} times: nothing of it was kept. Ask again.`,
      { attempts },
      { cause },
    );
  }
}

/** The tables of the relational database are a newer version's. */
export class RelationalTooNew extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'relational.schema_too_new';
  constructor(database: string, found: number, known: number) {
    super(
      `The database ${database} of MARIADB_URL has schema ${found}, but this build knows only ${known}: a newer version uses it. Nothing was changed; start that version, or let that version bring the schema back (flowctl migrate --down-to ${known}).`,
      { found, known },
    );
  }
}

/** The tables of the relational database are older than this build needs, and its user may not change them. */
export class RelationalNotMigrated extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'relational.not_migrated';
  constructor(database: string, found: number, wanted: number, cause: unknown) {
    super(
      `The database ${database} of MARIADB_URL has schema ${found}, this build needs ${wanted}, and the user of MARIADB_URL may not change tables. Run flowctl migrate once with a user that may (docs/production.md).`,
      { found, wanted },
      { cause },
    );
  }
}

/** Another process has been changing the tables for too long. */
export class MigrationTaken extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'relational.migration_taken';
  override readonly retryAfterMs = 5_000;
  constructor(waitedS: number) {
    super(
      `Another process has been changing the schema of the database of MARIADB_URL for ${waitedS} seconds. Wait for it to end, then start again; SHOW PROCESSLIST shows what it does.`,
      { waitedS },
    );
  }
}

/** MARIADB_URL or MARIADB_TLS does not say how to connect, or names a user, a password or a database that the server does not take. */
export class RelationalMisconfigured extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'relational.misconfigured';
}
