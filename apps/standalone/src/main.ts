import 'reflect-metadata';
import { runService } from '@flow/composition';
import { STANDALONE } from './standalone.app';

runService(STANDALONE);
