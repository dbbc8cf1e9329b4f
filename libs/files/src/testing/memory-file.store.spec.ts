import { fileStoreContract } from './file-store.contract';
import { MemoryFileStore } from './memory-file.store';

fileStoreContract('MemoryFileStore', async () => ({ store: new MemoryFileStore(), close: () => Promise.resolve() }));
