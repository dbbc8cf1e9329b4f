import { MemoryTokenStore } from './memory-token.store';
import { tokenStoreContract } from './token.contract';

tokenStoreContract('MemoryTokenStore', async () => ({ store: new MemoryTokenStore() }));
