import type { Settings } from '@flow/settings';
import { openTelling } from './adapters.kafka';
import { openEmbedded } from './adapters.embedded';
import { openProduction } from './adapters.production';
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
  const telling = await openTelling(
    settings,
    (line) => events.onClientLine(line),
    (error) => events.onFault(error),
  );
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

/** Without any that is named, all are embedded in the data folder. */
async function openStores(settings: Settings, events: StoreEvents, waiting: Waiting): Promise<Stores> {
  return sharesStores(settings)
    ? openProduction(settings, (error) => events.onFault(error), waiting)
    : openEmbedded(settings.dataDir, (error) => events.onThreadLost(error));
}
