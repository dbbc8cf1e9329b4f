import 'reflect-metadata';
import { runService } from '@flow/composition';
import { join } from 'node:path';
import { PublicApiModule } from './public-api.module';

runService({
  name: 'public-api',
  servers: ['public', 'private'],
  apis: [PublicApiModule],
  console: join(__dirname, '..', '..', 'console'),
  works: false,
});
