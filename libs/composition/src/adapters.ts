import type { Settings } from '@flow/settings';
import type { Telling } from './adapters.kafka';
import { openEmbedded } from './adapters.embedded';
import type { Stores } from './stores';
import type { Waiting } from './store-waiting';

export interface StoreEvents {
  /** What was written in a thread is written in this one from now on. */
  onThreadLost(error: unknown): void;
  /** A server is away, or could be used better than it is; told once until it is there again. */
  onFault(error: unknown): void;
  /** What a client library says of itself, for whoever looks closer. */
  onClientLine(line: { readonly message: string; readonly repeats: number }): void;
}

/** Whether the settings name servers that several processes use together. */
export function sharesStores({ mongodbUrl, mariadbUrl }: Settings): boolean {
  return mongodbUrl !== null || mariadbUrl !== null;
}

/** The stores that the settings name, and where events are told. Three files alone name technologies. */
export async function openAdapters(settings: Settings, events: StoreEvents, waiting: Waiting): Promise<Stores> {
  const telling = await openTelling(settings, events);
  if (!telling) return openStores(settings, events, waiting);
  try {
    const stores = await openStores(settings, events, waiting);
    return {
      ...stores,
      publisher: telling.publisher,
      reader: telling.reader,
      places: [...stores.places, { holds: 'events', at: telling.at }],
      async close() {
        await telling.close();
        await stores.close();
      },
    };
  } catch (error) {
    await telling.close();
    throw error;
  }
}

/** Undefined where no broker is named. What speaks with servers is loaded where one is named: no embedded start waits for it. */
async function openTelling(settings: Settings, events: StoreEvents): Promise<Telling | undefined> {
  if (settings.kafkaBrokers.length === 0) return undefined;
  const kafka = await import('./adapters.kafka');
  return kafka.openTelling(
    settings,
    (line) => events.onClientLine(line),
    (error) => events.onFault(error),
  );
}

/** Without any that is named, all are embedded in the data folder. */
async function openStores(settings: Settings, events: StoreEvents, waiting: Waiting): Promise<Stores> {
  if (!sharesStores(settings)) return openEmbedded(settings.dataDir, (error) => events.onThreadLost(error));
  const production = await import('./adapters.production');
  return production.openProduction(settings, (error) => events.onFault(error), waiting);
}
