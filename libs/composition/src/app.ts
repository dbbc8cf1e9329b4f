import type { ServerName } from '@flow/http';
import { AppError } from '@flow/kernel';
import type { Type } from '@nestjs/common';

/** What one kind of process is for. */
export interface App {
  readonly name: 'standalone' | 'public-api' | 'private-api' | 'worker';
  /** Listeners that it opens; probes and metrics are on each, and are all that a worker answers. */
  readonly servers: readonly ServerName[];
  /** The APIs that it serves. */
  readonly apis: readonly Type[];
  /** Where the console was built to, of apps whose public server has it. */
  readonly console?: string;
  /** Whether it runs instances, and does what has to be done beside them: callbacks, purges. Others leave that to those that do. */
  readonly works: boolean;
}

export class AppNeedsSharedStores extends AppError {
  readonly kind = 'invalid';
  readonly code = 'app.needs_shared_stores';
  constructor(name: App['name']) {
    super(
      `${name} is one of several processes that share stores and tell one another what there is to do: set MONGODB_URL, MARIADB_URL and REDIS_URL. On embedded stores one process does everything: npm start.`,
      { app: name },
    );
  }
}
