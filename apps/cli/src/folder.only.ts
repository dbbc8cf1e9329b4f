import type { Settings } from '@flow/settings';
import { CommandFailed, EXIT } from './command.errors';

const INSTEAD = {
  backup:
    'Back up both servers: mongodump --uri="$MONGODB_URL" --archive=FILE, and mariadb-dump --single-transaction DATABASE, while no process of the service runs; and keep SECRETS_KEY elsewhere.',
  restore:
    'Restore both servers while no process of the service runs: mongorestore --uri="$MONGODB_URL" --drop --archive=FILE, and mariadb DATABASE < FILE. Start it with the SECRETS_KEY of that time.',
  compact: 'The servers look after their own files: see compact of MongoDB and OPTIMIZE TABLE of MariaDB.',
} as const;

/** These commands are about the data folder, and where servers are named it holds nothing. @throws CommandFailed with what to use instead */
export function demandFolder(command: keyof typeof INSTEAD, { mongodbUrl, mariadbUrl }: Settings): void {
  const named = [...(mongodbUrl === null ? [] : ['MONGODB_URL']), ...(mariadbUrl === null ? [] : ['MARIADB_URL'])];
  if (named.length === 0) return;
  throw new CommandFailed(
    `flowctl ${command} is about the data folder, but ${named.join(' and ')} ${named.length === 1 ? 'is' : 'are'} set: what this service keeps is in servers. Nothing was done.`,
    EXIT.failed,
    `${INSTEAD[command]} For the data folder all the same: MONGODB_URL= MARIADB_URL= flowctl ${command} ...`,
  );
}
