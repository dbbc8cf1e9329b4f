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

/** Whether the settings name servers that several processes use together. */
export function sharesStores({ mongodbUrl, mariadbUrl }: Settings): boolean {
  return mongodbUrl !== null || mariadbUrl !== null;
}

/** The stores that the settings name: without any, all are embedded in the data folder. Two files alone name technologies. */
export async function openAdapters(settings: Settings, events: StoreEvents): Promise<Stores> {
  return sharesStores(settings)
    ? openProduction(settings, (error) => events.onFault(error))
    : openEmbedded(settings.dataDir, (error) => events.onThreadLost(error));
}
