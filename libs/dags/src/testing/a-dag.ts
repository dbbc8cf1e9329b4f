import { IdGenerator, type DagId, type DomainId } from '@flow/kernel';
import type { Step } from '@flow/operators';
import { FixedClock, SeededRandom } from '@flow/testing/kernel';
import type { Dag } from '../dag';

const ids = new IdGenerator(new FixedClock(), new SeededRandom(7));

/** A manual trigger, then nothing else: the smallest DAG there is. What a test is about goes into `fields`. */
export function aDag(fields: Partial<Dag> = {}): Dag {
  const id = fields.id ?? ids.next<DagId>();
  return {
    id,
    domain: 'acme' as DomainId,
    title: `A flow ${id}`,
    description: '',
    status: 'normal',
    type: '',
    tags: [],
    labels: {},
    priority: 'medium',
    vars: {},
    steps: [{ id: '0', operator: '@trigger/manual' }],
    version: 'v0.0.0',
    changeLog: '',
    createdBy: 'ann',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    modifiedBy: 'ann',
    revision: 1,
    ...fields,
  };
}

/** A step of any operator; `@internal/define` unless told otherwise. */
export function step(id: string, fields: Partial<Step> = {}): Step {
  return { id, operator: '@internal/define', parameters: { type: 'string', value: id }, ...fields };
}
