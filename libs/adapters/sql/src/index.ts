export { ENTITIES } from './entities';
export { OutsideTransaction, Relational, isDuplicate, type Tx } from './relational';
export { RELATIONAL_FILE, RELATIONAL_MIGRATIONS } from './relational.schema';
export { SqlTokenStore } from './token-store.sql';
