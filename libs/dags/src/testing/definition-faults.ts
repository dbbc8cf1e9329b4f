import { OperatorCatalogue, type Step } from '@flow/operators';
import type { DagCheck } from '../dag-check';
import { DagLimits } from '../dag-limits';
import { checkDag } from '../validate';
import { aCatalogue } from './a-catalogue';
import { step } from './a-dag';

const catalogue = aCatalogue();
const limits = new DagLimits();

export function check(sent: unknown, options: { catalogue?: OperatorCatalogue; limits?: DagLimits } = {}): DagCheck {
  return checkDag(sent, { catalogue, limits, ...options });
}

export const TRIGGER: Step = { id: '0', operator: '@trigger/manual' };
export const FORM: Step = {
  id: '0',
  operator: '@trigger/form',
  parameters: { fields: [{ key: 'url', type: 'string', required: true }] },
};

/** Faults of a DAG with these steps behind a trigger, as `code pointer`. */
export function faultsOf(steps: readonly Step[], fields: object = {}): string[] {
  const sent = { title: 'A flow', steps: [TRIGGER, ...steps], ...fields };
  return check(sent).faults.map(({ code, pointer }) => `${code} ${pointer}`);
}

export const reads = (id: string, text: string, fields: Partial<Step> = {}) =>
  step(id, { parameters: { type: 'string', value: text }, ...fields });
export const branches = (id: string, bodies: readonly (readonly Step[])[], fields: Partial<Step> = {}): Step => ({
  id,
  operator: '@control/flow/branches',
  branches: bodies.map((steps, i) => ({ id: `${id}${'abcdef'.charAt(i)}`, steps })),
  ...fields,
});
