import type { Settings } from '@flow/settings';
import { openEmbedded } from './adapters.embedded';
import { openProduction } from './adapters.production';
import type { Stores } from './stores';

export interface StoreEvents {
  /** What was written in a thread is written in this one from now on. */
  onThreadLost(error: unknown): void;
  /** A server is away, or could be used better than it is; told once until it is there again. */
  onFault(error: unknown): void;
}

/** The stores that the settings name: without any, all are embedded in the data folder. Two files alone name technologies. */
export async function openAdapters(settings: Settings, events: StoreEvents): Promise<Stores> {
  const isAlone = settings.mongodbUrl === null && settings.mariadbUrl === null;
  return isAlone
    ? openEmbedded(settings.dataDir, (error) => events.onThreadLost(error))
    : openProduction(settings, (error) => events.onFault(error));
}
