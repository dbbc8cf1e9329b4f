import type { StoredToken } from '@flow/auth';
import { json, text, time, type Entity } from './entity';

export const TOKENS: Entity<StoredToken> = {
  name: 'token',
  tableName: 'tokens',
  columns: {
    id: text(64, { primary: true }),
    principal: text(255),
    name: json(),
    hash: text(64),
    permissions: json(),
    domains: json(),
    createdBy: text(255, { name: 'created_by' }),
    createdAt: time({ name: 'created_at' }),
    expiresAt: time({ name: 'expires_at', nullable: true }),
    lastUsedAt: time({ name: 'last_used_at', nullable: true }),
  },
};
