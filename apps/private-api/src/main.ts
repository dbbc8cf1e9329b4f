import 'reflect-metadata';
import { runService } from '@flow/composition';
import { PrivateApiModule } from './private-api.module';

runService({ name: 'private-api', servers: ['private'], apis: [PrivateApiModule], works: false });
