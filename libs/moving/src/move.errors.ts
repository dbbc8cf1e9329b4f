import { AppError } from '@flow/kernel';

/** A data folder is being moved into this database, and not all of it is there: nobody works on a half of it. */
export class MoveUnfinished extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'move.unfinished';
  constructor() {
    super(
      'A data folder is being moved into the database of MONGODB_URL, and not all of it is there yet. Type flowctl migrate --from embedded --to production again, with the same settings: it goes on where it was, and the service can start when it has ended. To give the move up, drop both databases.',
    );
  }
}

/** Somebody has put something there already: two sets of data are not mixed. */
export class MoveTargetInUse extends AppError {
  readonly kind = 'conflict';
  readonly code = 'move.target_in_use';
  constructor(what: string) {
    super(
      `The database of ${what} is not empty: a data folder is moved into empty databases. Name empty ones in MONGODB_URL and MARIADB_URL, or drop these if nobody needs what is in them. Nothing was changed.`,
    );
  }
}

/** The move that was begun there is another one's. */
export class MoveSourceChanged extends AppError {
  readonly kind = 'conflict';
  readonly code = 'move.source_changed';
  constructor(dataDir: string) {
    super(
      `A move was begun into the database of MONGODB_URL, but not from ${dataDir} as it is now: it was another folder, or a service has used it since. Drop both databases (MONGODB_URL, MARIADB_URL), make them anew and type the command again. Nothing was changed.`,
      { dataDir },
    );
  }
}

/** The data folder cannot be moved as it is. */
export class MoveRefused extends AppError {
  readonly kind = 'conflict';
  readonly code = 'move.refused';
}
