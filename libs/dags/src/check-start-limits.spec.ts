import type { JsonObject } from '@flow/kernel';
import { step } from '@flow/testing/dags';
import { rateOf } from './start-limits';
import { FORM, check } from './testing/definition-faults';

const told = (fields: JsonObject) => {
  const { faults, warnings } = check({
    title: 'A flow',
    vars: { customer: { type: 'string' } },
    steps: [FORM, step('1')],
    ...fields,
  });
  const words = (all: typeof faults) => all.map(({ code, pointer }) => `${code} ${pointer}`);
  return { faults: words(faults), warnings: words(warnings) };
};

describe('limits of starts', () => {
  it.each<[string, JsonObject]>([
    ['the least', { concurrency: { max: 1 }, rateLimit: { max: 1, per: 1 } }],
    [
      'everything',
      {
        startBy: 'PT5M',
        concurrency: { max: 3, key: '{{vars.customer}} {{trigger.url}}', onFull: 'cancelOldest' },
        rateLimit: { max: 10, per: 'PT1M', burst: 100, key: '{{url}}' },
      },
    ],
    ['the output of the trigger', { concurrency: { max: 1, key: '{{__0.url}}' } }],
    ['what surrounds a run', { rateLimit: { max: 1, per: 1, key: '{{env.REGION}}{{variables.plan}}' } }],
  ])('take %s', (_what, fields) => {
    expect(told(fields)).toEqual({ faults: [], warnings: [] });
  });

  it.each<[JsonObject, readonly string[]]>([
    [{ concurrency: 1 }, ['field.invalid /concurrency']],
    [{ concurrency: {} }, ['field.missing /concurrency/max']],
    [
      { concurrency: { max: 0, key: '', onFull: 'wait', most: 1 } },
      [
        'field.invalid /concurrency/key',
        'field.invalid /concurrency/max',
        'field.invalid /concurrency/onFull',
        'field.unknown /concurrency/most',
      ],
    ],
    [{ concurrency: { max: 1.5 } }, ['field.invalid /concurrency/max']],
    [{ concurrency: { max: 1, key: '{{1 +}}' } }, ['expression.invalid /concurrency/key']],
    [{ concurrency: { max: 1, key: '{{__1.text}}' } }, ['expression.cannot_have_run /concurrency/key']],
    [{ concurrency: { max: 1, key: '{{nobody}}' } }, ['expression.unknown_name /concurrency/key']],
    [{ concurrency: { max: 1, key: '{{secrets.a}}' } }, ['expression.secret_not_allowed /concurrency/key']],
    [{ concurrency: { max: 1, key: '{{task.path}}' } }, ['expression.unknown_name /concurrency/key']],
    [{ rateLimit: { max: 1 } }, ['field.missing /rateLimit/per']],
    [{ rateLimit: { max: 1, per: 0 } }, ['field.invalid /rateLimit/per']],
    [{ rateLimit: { max: 1, per: 'PT0S' } }, ['field.invalid /rateLimit/per']],
    [{ rateLimit: { max: 1, per: 'P400D' } }, ['field.invalid /rateLimit/per']],
    [
      { rateLimit: { max: 1, per: 'a minute', burst: 0 } },
      ['field.invalid /rateLimit/burst', 'field.invalid /rateLimit/per'],
    ],
    [{ rateLimit: { max: 1, per: 1, key: '{{error.code}}' } }, ['expression.unknown_name /rateLimit/key']],
    [{ startBy: 'PT0S', concurrency: { max: 1 } }, ['field.invalid /startBy']],
    [{ startBy: 600, concurrency: { max: 1 } }, ['field.invalid /startBy']],
  ])('refuse %j', (fields, faults) => {
    expect([...told(fields).faults].sort()).toEqual(faults);
  });

  it('warn of what has no effect', () => {
    expect(told({ startBy: 'PT1M' }).warnings).toEqual(['dag.start_by_without_effect /startBy']);
    expect(told({ concurrency: { max: 1, key: 'all' } }).warnings).toEqual(['limit.key_constant /concurrency/key']);
  });

  it('are rates with a burst of their own size unless they say another', () => {
    expect(rateOf({ max: 10, per: 'PT1M' })).toEqual({ max: 10, perMs: 60_000, burst: 10 });
    expect(rateOf({ max: 10, per: 500, burst: 2 })).toEqual({ max: 10, perMs: 500, burst: 2 });
  });
});
