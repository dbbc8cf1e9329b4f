import type { Dag } from '@flow/client';

/** What the service writes of its own accord, and no author does. */
const OWN = ['id', 'createdBy', 'createdAt', 'updatedAt', 'modifiedBy', 'version', 'changeLog'];

const isDefault = (key: string, value: unknown): boolean =>
  value === '' ||
  (key === 'priority' && value === 'medium') ||
  (key !== 'steps' && typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** A DAG as its author would write it: what is saved again makes the same. */
export const definitionOf = (dag: Dag): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(dag).filter(([key, value]) => !OWN.includes(key) && !isDefault(key, value)));
