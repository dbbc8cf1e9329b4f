import { ON_FULL, type Dag } from '@flow/dags';
import { pointerTo, type Fault, type JsonObject } from '@flow/kernel';
import { compiledSchema, type SchemaCheck } from '@flow/operators';
import { KINDS } from './kinds';
import type { ConfigSurroundings } from './kinds/kind';
import { TRIGGER_KINDS, type TriggerConcurrency, type TriggerKind } from './trigger';
import { expressionFaultsOf } from './trigger-expressions';

/** What an author sends; what is absent takes its default. */
export interface SentTrigger {
  readonly kind: TriggerKind;
  readonly name?: string;
  readonly enabled?: boolean;
  readonly config?: JsonObject;
  readonly input?: JsonObject | null;
  readonly filter?: string | null;
  readonly dedupeKey?: string | null;
  readonly concurrency?: TriggerConcurrency | null;
}

const shapes = new Map<TriggerKind, SchemaCheck>();

function shapeOf(kind: TriggerKind): SchemaCheck {
  const known = shapes.get(kind);
  if (known) return known;
  const made = compiledSchema(KINDS[kind].config);
  shapes.set(kind, made);
  return made;
}

/** Everything that is wrong with it, each at its place. */
export function triggerFaults(
  sent: SentTrigger,
  { dag, ...about }: ConfigSurroundings & { readonly dag: Pick<Dag, 'id' | 'concurrency'> },
): Fault[] {
  const rules = TRIGGER_KINDS.includes(sent.kind) ? KINDS[sent.kind] : undefined;
  if (!rules)
    return [{ pointer: '/kind', code: 'field.invalid', message: `"kind" must be one of ${TRIGGER_KINDS.join(', ')}.` }];
  const { config = {}, input = null, filter = null, dedupeKey = null, concurrency = null } = sent;
  const shape = shapeOf(sent.kind)(config);
  const faults = shape.length > 0 ? shape : (rules.faults?.(config, about) ?? []);
  return [
    ...faults.map((fault) => ({ ...fault, pointer: `${pointerTo('', 'config')}${fault.pointer}` })),
    ...expressionFaultsOf({ filter, dedupeKey, input }),
    ...limitFaults(
      concurrency ?? (shape.length > 0 ? undefined : rules.concurrency?.(config)),
      concurrency ? '/concurrency' : '/config',
      dag,
    ),
  ];
}

function limitFaults(
  limit: TriggerConcurrency | null | undefined,
  pointer: string,
  dag: Pick<Dag, 'concurrency'>,
): Fault[] {
  if (!limit) return [];
  if (dag.concurrency)
    return [
      {
        pointer,
        code: 'trigger.concurrency_twice',
        message:
          "The DAG has a `concurrency` of its own, which holds for all of its runs: leave the trigger's out, or take the DAG's away.",
      },
    ];
  if (!Number.isInteger(limit.max) || limit.max < 1 || !ON_FULL.includes(limit.onFull))
    return [
      {
        pointer,
        code: 'field.invalid',
        message: `"concurrency" is {"max": a whole number from 1, "onFull": ${ON_FULL.join(', ')}}.`,
      },
    ];
  return [];
}
