import type { Instance, StepRequest, StepResult } from '@flow/instances';
import { DebugInvalid } from '@flow/instances';
import type { Json } from '@flow/kernel';
import { done, failed, failedForNow } from '@flow/operators';
import { RunWorld, aCaller } from '@flow/testing/instances';
import { settle } from '@flow/testing/kernel';

const ann = aCaller();

describe('one step by itself', () => {
  let world: RunWorld;
  beforeEach(async () => {
    world = await RunWorld.open({ secrets: { key: { value: 'hush', hosts: [] } } });
  });
  afterEach(() => world.close());

  const run = (request: StepRequest, signal = new AbortController().signal) =>
    world.debugging.steps.run(ann, request, signal);
  const pure = (parameters: Json, more: object = {}) => ({ id: 's', operator: '@test/pure', parameters, ...more });
  /** The result of a step that calls `@test/call`, which the test answers. */
  const called = async (request: StepRequest, answer: () => Promise<unknown>): Promise<StepResult> => {
    const result = run(request);
    await settle();
    await answer();
    return result;
  };

  it('finds what its context gives: outputs of steps, variables, the trigger and its bare names', async () => {
    const result = await run({
      step: pure({
        a: '{{__0.url}} {{__other step.n}}',
        b: '{{vars.v}}',
        c: '{{trigger.city}}',
        d: '{{city}}',
        e: '{{__l.index + 1}}',
      }),
      context: {
        steps: { '0': { url: 'u' }, 'other step': { n: 1 }, l: { index: 2 } },
        vars: { v: [{ x: '{{not.evaluated}}' }] },
        trigger: { city: 'Oslo', 'a b': 1, fields: {} },
      },
    });
    const parameters = { a: 'u 1', b: [{ x: '{{not.evaluated}}' }], c: 'Oslo', d: 'Oslo', e: 3 };
    expect(result).toMatchObject({ status: 'succeeded', attempt: 1, parameters, output: parameters, error: null });
    expect([result.logs, result.durationMs]).toEqual([[], 0]);
  });

  it('tells what was logged and how long it took; secrets stand by name and are masked in what comes back', async () => {
    const result = await called(
      { step: { id: 's', operator: '@test/call', parameters: { token: '{{secrets.key}}' } } },
      async () => {
        const context = world.calls[0]?.context;
        expect(context?.parameters).toEqual({ token: 'hush' });
        context?.log.warn('used hush', { with: 'hush' });
        await world.clock.advance(1_500);
        await world.answer(done({ echo: 'hush!' }));
      },
    );
    expect(result).toMatchObject({ status: 'succeeded', parameters: { token: '{{secrets.key}}' }, durationMs: 1_500 });
    expect(result.logs).toMatchObject([{ seq: 1, level: 'warn' }]);
    expect(JSON.stringify(result)).not.toContain('hush');
  });

  it('fails as it fails in a run, after the attempts that it has there', async () => {
    const step = { id: 's', operator: '@test/call', settings: { retry: { max: 1, delay: 2 } }, onError: 'continue' };
    const result = await called({ step }, async () => {
      await world.answer(failedForNow('busy', 'Later.'));
      await world.clock.advance(2_000);
      await world.answer(failed('x.y', 'No.', { output: { status: 404 } }));
    });
    expect(result).toMatchObject({
      status: 'failed',
      attempt: 2,
      error: { code: 'x.y', message: 'No.' },
      output: null,
      durationMs: 2_000,
    });
  });

  it('is not called on a dry run when it would write', async () => {
    const step = { id: 's', operator: '@test/call', parameters: { token: '{{secrets.key}}' } };
    const { status, output } = await run({ step, dryRun: true });
    expect([status, output]).toEqual([
      'succeeded',
      { dryRun: true, operator: '@test/call', parameters: { token: '{{secrets.key}}' } },
    ]);
    expect(world.calls).toHaveLength(0);
  });

  it('is skipped when its condition does not hold', async () => {
    expect(await run({ step: pure({}, { when: 'vars.n > 1' }), context: { vars: { n: 1 } } })).toMatchObject({
      status: 'skipped',
      error: null,
    });
  });

  it('stops when nobody waits for it any more', async () => {
    const client = new AbortController();
    const result = run({ step: { id: 's', operator: '@test/call' } }, client.signal);
    await settle();
    client.abort();
    await settle();
    expect(world.calls[0]?.context.signal.aborted).toBe(true);
    await world.answer(failed('gone', 'Aborted.'));
    expect(await result).toMatchObject({ status: 'cancelled' });
  });

  it('ends after a minute, and is answered though its operator does not stop', async () => {
    const result = run({ step: { id: 's', operator: '@test/call', settings: { timeout: { delay: 600 } } } });
    await settle();
    await world.clock.advance(60_000);
    expect(world.calls[0]?.context.signal.aborted).toBe(true);
    await world.clock.advance(15_000);
    expect(await result).toMatchObject({ status: 'cancelled', error: { code: expect.any(String) as string } });
  });

  it('is a debug run: hidden, and to be read for five minutes', async () => {
    const { instanceId } = await run({ step: pure({}) });
    expect(await world.service.get(ann, instanceId)).toMatchObject({
      status: 'succeeded',
      debug: { expiresAt: '2026-01-01T00:05:00.000Z' },
    } satisfies { status: string; debug: Partial<Instance['debug']> });
    expect((await world.service.list(ann, {}, { limit: 1, count: true })).total).toBe(0);
  });

  it.each<[string, StepRequest, string[]]>([
    ['no object', { step: 7 }, ['/step']],
    ['an operator that is not there', { step: { id: 's', operator: '@no/such' } }, ['/step/operator']],
    ['a trigger', { step: { id: 's', operator: '@trigger/manual' } }, ['/step/operator']],
    ['a return', { step: { id: 's', operator: '@internal/return' } }, ['/step/operator']],
    ['a wait', { step: { id: 's', operator: '@control/wait', parameters: { duration: 'PT1S' } } }, ['/step/operator']],
    [
      'a loop',
      {
        step: {
          id: 's',
          operator: '@control/flow/loop',
          parameters: { mode: 'limit', limit: 1 },
          steps: [pure({}, { id: 'i' })],
        },
      },
      ['/step/operator'],
    ],
    ['a reference to nothing', { step: pure({ x: '{{__none.y}}' }) }, ['/step/parameters/x']],
    ['a bare name of nothing', { step: pure({ x: '{{none}}' }) }, ['/step/parameters/x']],
    ['a secret where none may be', { step: pure({ x: '{{secrets.key}}' }) }, ['/step/parameters/x']],
    ['an id that the context has', { step: pure({}), context: { steps: { s: 1 } } }, ['/step/id']],
    ['a step of no name', { step: pure({}), context: { steps: { '': 1 } } }, ['/context/steps/']],
  ])('is refused with where and why: %s', async (_name, request, pointers) => {
    const error = await run(request).then(
      () => undefined,
      (thrown: unknown) => thrown as DebugInvalid,
    );
    expect(error).toBeInstanceOf(DebugInvalid);
    expect(error?.faults.map(({ pointer }) => pointer)).toEqual(pointers);
    expect(await world.store.hasDebugRuns()).toBe(false);
  });
});
