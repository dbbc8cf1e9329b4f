export { aFile, fileStoreContract } from './file-store.contract';
export { MemoryFileStore } from './memory-file.store';
