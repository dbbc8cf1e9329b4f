import type { SavedInput } from '@flow/triggers';
import { json, text, time, type Entity } from './entity';

/** JSON's own type is too deep for TypeORM's. */
export type SavedInputRow = Omit<SavedInput, 'data'> & { readonly data: object };

export const SAVED_INPUTS: Entity<SavedInputRow> = {
  name: 'savedInput',
  tableName: 'saved_inputs',
  columns: {
    triggerId: text(64, { name: 'trigger_id', primary: true }),
    name: text(255, { primary: true }),
    domain: text(64),
    data: json(),
    createdBy: text(255, { name: 'created_by' }),
    createdAt: time({ name: 'created_at' }),
  },
};
