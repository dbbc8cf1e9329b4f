export { openEmbedded, DataFolderTaken, DataFolderUnusable } from './adapters.embedded';
export type { App } from './app';
export { LOG, SETTINGS } from './made';
export { startService, type Service } from './service';
export { runService } from './service.main';
export type { Log } from './task-log';
