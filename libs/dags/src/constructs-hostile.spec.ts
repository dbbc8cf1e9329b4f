import type { Step } from '@flow/operators';
import { step } from '@flow/testing/dags';
import { effortOf } from '@flow/testing/kernel';
import fc from 'fast-check';
import { assign, attempt, control, loop, parallel } from './testing/constructs';
import { TRIGGER, check, faultsOf, reads } from './testing/definition-faults';

const sent = (steps: readonly Step[], fields: object = {}) => ({ title: 'A', steps: [TRIGGER, ...steps], ...fields });
const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const BODIES: readonly ((id: string, inner: readonly Step[]) => Step)[] = [
  (id, inner) => loop(id, inner),
  (id, inner) => parallel(id, [inner]),
  (id, inner) => attempt(id, inner, { catch: [] }),
  (id, inner) => attempt(id, [step(`${id}s`)], { catch: inner }),
  (id, inner) => attempt(id, [step(`${id}s`)], { finally: inner }),
  (id, inner) => step(id, { onError: { steps: inner } }),
  (id, inner) => step(id, { undo: inner[0] as Step }),
];

describe('hostile constructs', () => {
  it.each(BODIES.map((body, i): [number, (typeof BODIES)[number]] => [i, body]))(
    'nested 10,000 levels deep are refused at once (body %i)',
    async (_i, body) => {
      let deep = step('x');
      for (let level = 0; level < 10_000; level += 1) deep = body(`b${level}`, [deep]);
      expect(check(sent([deep])).faults.map(({ code }) => code)).toContain('dag.too_deep');
      expect(await effortOf(() => check(sent([deep])))).toBeLessThan(300);
    },
  );

  it('with 1,000 steps that all may meet, read or leave are answered at once', async () => {
    const vars = { n: { type: 'number' } };
    const cases = [
      // Every pair of assignments races.
      sent([parallel('p', many(998, (i) => [assign(`a${i}`, '{{vars.n}}')]))], { vars }),
      sent(many(999, (i) => assign(`a${i}`, '{{vars.n}}', { dependsOn: [] })), { vars }),
      // Every pair is ordered, or parted by an undo.
      sent(many(999, (i) => assign(`a${i}`, '{{vars.n}}')), { vars }),
      sent(many(499, (i) => step(`s${i}`, { undo: assign(`a${i}`, '{{vars.n}}') })), { vars }),
      // Everything reads everything before it.
      sent(many(30, (i) => loop(`l${i}`, many(30, (j) => reads(`r${i}-${j}`, many(i, (k) => `{{__r${k}-0}}`).join('')))))),
      sent(many(999, (i) => control(`x${i}`, 'flow/break'))),
    ]; // prettier-ignore
    for (const one of cases) {
      check(one);
      expect(await effortOf(() => check(one))).toBeLessThan(300);
    }
  });

  it('never make the check throw, whatever stands in their parameters and bodies', () => {
    const operator = fc.constantFrom(
      'flow/loop', 'flow/parallel', 'flow/try', 'flow/branches', 'flow/break', 'wait', 'callback', 'approval',
    ).map((name) => `@control/${name}`); // prettier-ignore
    const subflow = fc.constantFrom('@subflow/call/workflow', '@subflow/call/dataflow');
    const key = fc.constantFrom('join', 'mode', 'limit', 'array', 'while', 'concurrency', 'maxIterations', 'outputs', 'failures', 'duration', 'until', 'assignees', 'quorum', 'schema', 'expiresIn', 'dagId', 'version', 'data', 'wait'); // prettier-ignore
    const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('{{__1}}', '{{', 'while', 'P1D', '{{error}}', '{{callbacks.1.url}}', -1, 1e308, { n: 2 }, [{ key: '', value: '{{completed}}' }], { $ref: '#' })); // prettier-ignore
    const body = fc.oneof(odd, fc.constant([{ id: '2', operator: '@control/flow/continue' }]));
    const one = fc.record(
      {
        id: fc.constant('1'),
        operator: fc.oneof(operator, subflow),
        parameters: fc.dictionary(key, odd, { maxKeys: 4, noNullPrototype: true }),
        steps: body,
        catch: body,
        finally: body,
        branches: fc.oneof(odd, fc.array(fc.record({ id: odd, steps: body }), { maxLength: 2 })),
        onError: fc.oneof(odd, fc.record({ steps: body })),
        undo: odd,
      },
      { requiredKeys: ['id', 'operator'] },
    );
    fc.assert(
      fc.property(one, (any) => {
        expect(Array.isArray(faultsOf([any as unknown as Step]))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
