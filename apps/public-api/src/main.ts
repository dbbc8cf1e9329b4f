import 'reflect-metadata';
import { runService } from '@flow/composition';
import { PublicApiModule } from './public-api.module';

runService({ name: 'public-api', servers: ['public', 'private'], apis: [PublicApiModule], works: false });
