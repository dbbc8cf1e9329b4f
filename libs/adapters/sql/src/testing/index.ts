export { OwnMariaDb } from './own-mariadb';
export { TestDatabase } from './mariadb-server';
export { relationalContract, type RelationalWorld } from './relational.contract';
export { TcpGate, type GateMode } from './tcp-gate';
