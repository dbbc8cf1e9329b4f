import type { App } from '@flow/composition';
import { join } from 'node:path';
import { PrivateApiModule } from '../../private-api/src/private-api.module';
import { PublicApiModule } from '../../public-api/src/public-api.module';

/** Everything in one process: what `npm start` runs. */
export const STANDALONE: App = {
  name: 'standalone',
  servers: ['public', 'private'],
  apis: [PublicApiModule, PrivateApiModule],
  console: join(__dirname, '..', '..', 'console'),
  works: true,
};
