export { openEmbedded, DataFolderTaken, DataFolderUnusable } from './adapters.embedded';
export type { App } from './app';
export { LOG, SETTINGS } from './made';
export { OperationsModule } from './operations/operations.module';
export { startService, type Service } from './service';
export { runService } from './service.main';
export { StartEnded } from './store-waiting';
export type { Log } from './task-log';
