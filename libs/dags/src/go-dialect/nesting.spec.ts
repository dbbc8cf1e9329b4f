import { loadBuiltins } from '@flow/builtins';
import type { Json, JsonObject } from '@flow/kernel';
import { OperatorCatalogue } from '@flow/operators';
import { HttpClient } from '@flow/platform';
import fc from 'fast-check';
import { DagLimits } from '../dag-limits';
import { checkDag } from '../validate';
import { translateGo } from './translation';

const catalogue = new OperatorCatalogue(loadBuiltins({ http: new HttpClient() }));
const USUAL = { retry: { max: 3, delay: 3 }, timeout: { delay: 600, total: 600 } };

/** The same twice: as the Go service has it, and as we do. */
interface Pair {
  readonly go: JsonObject;
  readonly flow: JsonObject;
}
type Shape =
  | { readonly kind: 'define'; readonly name: number; readonly seconds?: number }
  | { readonly kind: 'branches' | 'parallel'; readonly bodies: readonly (readonly Shape[])[]; readonly name: number }
  | { readonly kind: 'loop'; readonly body: readonly Shape[]; readonly name: number };

const name = fc.nat(3);
const { shape } = fc.letrec<{ shape: Shape; body: readonly Shape[] }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 4 },
    fc.record({ kind: fc.constant('define' as const), name, seconds: fc.nat(50) }),
    fc.record({ kind: fc.constant('define' as const), name }),
    fc.record({
      kind: fc.constantFrom('branches' as const, 'parallel' as const),
      bodies: fc.array(tie('body'), { minLength: 1, maxLength: 3 }),
      name,
    }),
    fc.record({ kind: fc.constant('loop' as const), body: tie('body'), name }),
  ),
  body: fc.array(tie('shape'), { minLength: 1, maxLength: 3 }),
}));

class Writer {
  private count = 0;
  /** Ids of all forms that the older service mixed up. */
  private id(): string {
    this.count += 1;
    return [`${this.count}`, `${this.count}_i0_s1`, `a_${this.count}`, `b-${this.count}`][this.count % 4] ?? '';
  }

  body(shapes: readonly Shape[], loop: string | undefined): { go: Json[]; flow: Json[] } {
    const pairs = shapes.map((one) => this.step(one, loop));
    return { go: pairs.map(({ go }) => go), flow: pairs.map(({ flow }) => flow) };
  }

  private step(one: Shape, loop: string | undefined): Pair {
    const id = this.id();
    const text = textOf(one.name, loop);
    switch (one.kind) {
      case 'define': {
        const written = (value: string) => ({
          id,
          operator: '@internal/define',
          parameters: { type: 'string', value },
        });
        const delay = one.seconds === undefined ? undefined : one.seconds + 1;
        return delay === undefined
          ? { go: written(text.go), flow: { ...written(text.flow), settings: USUAL } }
          : {
              go: { ...written(text.go), settings: { retry: { max: 1, delay: 2 }, timeout: { delay } } },
              flow: {
                ...written(text.flow),
                settings: { retry: { max: 1, delay: 2 }, timeout: { delay, total: delay } },
              },
            };
      }
      case 'loop': {
        const inner = this.body(one.body, id);
        const outputs = (value: string) => [{ key: 'o', value }];
        const { go, flow } = textOf(one.name, id);
        const step = { id, operator: '@control/flow/loop' };
        return {
          go: { ...step, parameters: { limit: text.go, outputs: outputs(go) }, steps: inner.go },
          flow: {
            ...step,
            parameters: { mode: 'limit', limit: numberOf(text.flow), outputs: outputs(flow), maxIterations: 10_000 },
            steps: inner.flow,
          },
        };
      }
      case 'branches':
      case 'parallel': {
        const bodies = one.bodies.map((body, i) => ({ id: `${id}_${i}`, ...this.body(body, loop) }));
        const conditions = (a: string) => [
          [{ id: `c${id}`, operator: '@internal/cmp/string-neq', parameters: { a, b: 'x' } }],
        ];
        const step = { id, operator: `@control/flow/${one.kind}` };
        return {
          go: {
            ...step,
            branches: bodies.map((body) => ({ id: body.id, conditions: conditions(text.go), steps: body.go })),
          },
          flow: {
            ...step,
            branches: bodies.map((body) => ({ id: body.id, conditions: conditions(text.flow), steps: body.flow })),
          },
        };
      }
    }
  }
}

function textOf(choice: number, loop: string | undefined): { go: string; flow: string } {
  const index = loop === undefined ? '{{trigger.index}}' : `{{__${loop}.index}}`;
  const none = loop === undefined ? '{{null}}' : index;
  return (
    [
      { go: '{{index}}', flow: index },
      { go: '{{ __loop_index }}', flow: none },
      { go: '{{__source.a-b.0}}', flow: "{{trigger.'a-b'.0}}" },
      { go: '{{__g_dagInsID}}', flow: '{{instance.id}}' },
    ][choice] ?? { go: '', flow: '' }
  );
}

/** A limit takes numbers alone: what the run gives is decoded. */
function numberOf(text: string): string {
  const inner = text.slice(2, -2).replace(/^__([\w-]*-[\w-]*)/, 'step("$1")');
  return inner === 'null' ? text : `{{number(${inner})}}`;
}

describe('Constructs within constructs of the Go service', () => {
  it('come out as the same constructs with our names, and fit to be saved', () => {
    fc.assert(
      fc.property(fc.array(shape, { minLength: 1, maxLength: 4 }), (shapes) => {
        const { go, flow } = new Writer().body(shapes, undefined);
        const start = { id: 'start', operator: '@trigger/manual' };
        const { definition, faults } = translateGo({ title: 'T', steps: [start, ...go] }, (id) => {
          const operator = catalogue.find(id);
          return (
            operator && {
              schema: operator.parameters,
              verbatim: operator.kind === 'trigger' ? [] : (operator.verbatim ?? []),
            }
          );
        });
        expect(faults).toEqual([]);
        expect(definition).toEqual({ title: 'T', type: '', priority: 'lowest', steps: [start, ...flow] });
        expect(checkDag(definition, { catalogue, limits: new DagLimits() }).faults).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
