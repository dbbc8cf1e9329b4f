import type { UploadedFile } from '@flow/files';
import { text, time, whole, type Entity } from './entity';

export const FILES: Entity<UploadedFile> = {
  name: 'file',
  tableName: 'files',
  columns: {
    id: text(64, { primary: true }),
    domain: text(64),
    principal: text(255),
    name: text(255),
    contentType: text(255, { name: 'content_type' }),
    bytes: whole(),
    sha256: text(64),
    createdAt: time({ name: 'created_at' }),
    expiresAt: time({ name: 'expires_at' }),
  },
};
