import type { Json } from '@flow/kernel';
import type { Branch, Step } from '@flow/operators';
import fc from 'fast-check';
import type { DagDefinition } from '../dag';

const TEXT = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\u0000', '').replaceAll('{{', '')),
  fc.constantFrom('', 'yes', 'null', '~', '1e3', '0x1f', '1_000', '2026-01-01', '- a', 'a: b', '# no', '!!str x', '&a', '*a', '<<', '  padded ', 'a\n\nb\n', 'tab\t', '"', "'", '\u2028', '😀', '%TAG', '---', '...', '-0'),
); // prettier-ignore
const KEY = TEXT.filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text));

/** JSON of any kind that a definition may hold as a parameter. */
export const arbitraryJson: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    TEXT,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(KEY, tie('json'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).json;

const arbitraryCall = arbitraryJson.map((value): Step => ({
  id: '',
  operator: '@internal/define',
  parameters: { type: 'object', value },
}));

/** Valid definitions with constructs, handlers and undo steps in each other, in which every id is its own; `s0`, `s1`... in the order of the text. */
export const arbitraryDefinition: fc.Arbitrary<DagDefinition> = fc
  .record({
    title: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).map((text) => `T${text.replaceAll(/[/:*?"<>|\p{Cc}\p{Cs}]/gu, '_')}`),
    description: TEXT,
    tags: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}$/), { maxLength: 3 }),
    labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), TEXT, { maxKeys: 3, noNullPrototype: true }),
    vars: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.record({ type: fc.constant('any' as const), default: arbitraryJson }), { maxKeys: 3, noNullPrototype: true }),
    status: fc.constantFrom('normal' as const, 'stopped' as const),
    retention: fc.constantFrom(undefined, 'P30D', 'forever', { failed: 'PT90M' }, { succeeded: 'P1D', cancelled: 'forever' }),
    limits: fc.constantFrom({}, { concurrency: { max: 1 }, startBy: 'PT1M' }, { concurrency: { max: 3, key: '{{trigger.a}}', onFull: 'reject' as const }, rateLimit: { max: 2, per: 1_000, key: 'k {{__s0.a}}', burst: 4 } }),
    steps: arbitrarySteps(),
  })
  .map(({ steps, retention, limits, ...fields }) => ({ ...fields, ...limits, ...(retention !== undefined && { retention }), steps: named([{ id: '', operator: '@trigger/manual' }, ...steps]) })); // prettier-ignore

function arbitrarySteps(): fc.Arbitrary<readonly Step[]> {
  return fc.letrec<{ steps: readonly Step[]; some: readonly Step[]; step: Step; construct: Step }>((tie) => ({
    steps: fc.array(tie('step'), { maxLength: 2 }),
    some: fc.array(tie('step'), { minLength: 1, maxLength: 2 }),
    step: fc
      .record({
        step: fc.oneof({ maxDepth: 3, depthIdentifier: 'body' }, arbitraryCall, tie('construct')),
        onError: fc.oneof(
          { maxDepth: 3, depthIdentifier: 'body' },
          fc.constantFrom(undefined, undefined, 'fail' as const, 'continue' as const),
          tie('some').map((steps) => ({ steps })),
        ),
        undo: fc.option(arbitraryCall, { nil: undefined, freq: 4 }),
      })
      .map(({ step, onError, undo }) => ({
        ...step,
        ...(onError !== undefined && { onError }),
        ...(undo && { undo }),
      })),
    construct: fc.oneof(
      fc
        .tuple(
          fc.constantFrom('@control/flow/branches', '@control/flow/parallel'),
          fc.array(tie('steps'), { minLength: 1, maxLength: 3 }),
        )
        .map(([operator, bodies]): Step => ({
          id: '',
          operator,
          branches: bodies.map((steps, i): Branch => ({ id: `b${i}`, steps })),
        })),
      tie('some').map((steps): Step => ({ id: '', operator: '@control/flow/loop', parameters: { limit: 2 }, steps })),
      fc
        .record({ steps: tie('some'), catch: tie('steps'), finally: tie('steps') }, { requiredKeys: ['steps'] })
        .map((bodies): Step => ({ id: '', operator: '@control/flow/try', ...bodies })),
    ),
  })).steps;
}

/** Ids in the order in which `walkSteps` goes. */
function named(steps: readonly Step[], counter = { next: 0 }): readonly Step[] {
  const body = (inner: readonly Step[]) => named(inner, counter);
  return steps.map((step) => {
    const id = `s${counter.next++}`;
    const { branches, steps: inner, catch: caught, finally: last, onError, undo } = step;
    return {
      ...step,
      id,
      ...(branches && { branches: branches.map((branch) => ({ ...branch, steps: body(branch.steps) })) }),
      ...(inner && { steps: body(inner) }),
      ...(caught && { catch: body(caught) }),
      ...(last && { finally: body(last) }),
      ...(typeof onError === 'object' && { onError: { steps: body(onError.steps) } }),
      ...(undo && { undo: body([undo])[0] as Step }),
    };
  });
}
