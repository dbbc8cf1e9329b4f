import 'reflect-metadata';
import { runService } from '@flow/composition';

runService({ name: 'worker', servers: ['private'], apis: [], works: true });
