import type { StoredSecret, Variable } from '@flow/secrets';
import { json, text, time, type Entity } from './entity';

export const SECRETS: Entity<StoredSecret> = {
  name: 'secret',
  tableName: 'secrets',
  columns: {
    id: text(64, { primary: true }),
    domain: text(64),
    name: text(128),
    envelope: { type: 'text' },
    hosts: json(),
    createdBy: text(255, { name: 'created_by' }),
    createdAt: time({ name: 'created_at' }),
    modifiedBy: text(255, { name: 'modified_by' }),
    updatedAt: time({ name: 'updated_at' }),
  },
};

/** The value as JSON text: its own type is too deep for TypeORM's. */
export type VariableRow = Omit<Variable, 'value'> & { readonly value: string };

export const VARIABLES: Entity<VariableRow> = {
  name: 'variable',
  tableName: 'variables',
  columns: {
    id: text(64),
    domain: text(64, { primary: true }),
    name: text(128, { primary: true }),
    value: { type: 'text' },
    createdBy: text(255, { name: 'created_by' }),
    createdAt: time({ name: 'created_at' }),
    modifiedBy: text(255, { name: 'modified_by' }),
    updatedAt: time({ name: 'updated_at' }),
  },
};
