import type { JsonObject } from '@flow/kernel';
import { filterFaults } from '../trigger-expressions';
import { closed, type KindRules } from './kind';

/** How a run can end. */
export const RUN_ENDS = ['succeeded', 'failed', 'cancelled'] as const;
const DEFAULT_ENDS: readonly string[] = ['succeeded'];

export const dag: KindRules = {
  config: closed(
    {
      dagId: { type: 'string', minLength: 1, maxLength: 64, description: 'The DAG whose runs are listened to' },
      on: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { enum: [...RUN_ENDS] },
        description: 'Ends that count; those that succeeded when absent',
      },
      condition: {
        type: 'string',
        minLength: 1,
        maxLength: 4_000,
        description:
          'An expression, as `filter`; event.data has instanceId, dagId, version, status, result, reason, labels',
      },
    },
    ['dagId'],
  ),
  faults: ({ condition }) => (typeof condition === 'string' ? filterFaults('/condition', condition) : []),
  lookup: listenedDag,
};

export function listenedDag({ dagId }: JsonObject): string {
  return typeof dagId === 'string' ? dagId : '';
}

/** The ends that a trigger of this kind takes. */
export function endsOf({ on }: JsonObject): readonly string[] {
  return Array.isArray(on) ? (on as readonly string[]) : DEFAULT_ENDS;
}
