import type { Settings } from '@flow/settings';
import { openEmbedded } from './adapters.embedded';
import { openProduction } from './adapters.production';
import type { Stores } from './stores';

/** The stores that the settings name: without any, all are embedded in the data folder. These two files alone name technologies. */
export async function openAdapters(settings: Settings, onThreadLost?: (error: unknown) => void): Promise<Stores> {
  if (settings.mongodbUrl === null) return openEmbedded(settings.dataDir, onThreadLost);
  return openProduction({ ...settings, mongodbUrl: settings.mongodbUrl });
}
