import { ApiWorld, MANUAL } from './api-world';

interface Instance {
  readonly id: string;
  readonly status: string;
  readonly attempt: number;
  readonly retryOf: string | null;
  readonly result: unknown;
}

describe('POST /instances/:id/retry', () => {
  let world: ApiWorld;
  let domain: string;
  const call = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    world.call(method, path, body, { domain, headers });
  const must = (method: string, path: string, body?: object) => world.must(method, path, body, { domain });

  /** A run of: double (pure), a step that fails unless the input says otherwise, return. */
  const aRun = async (limit: number): Promise<Instance> => {
    const steps = [
      { id: 'in', operator: '@trigger/form', parameters: { fields: [{ key: 'limit', type: 'number' }] } },
      { id: 'kept', operator: '@internal/define', parameters: { type: 'number', value: 21 } },
      { id: 'mark', operator: '@internal/checkpoint' },
      {
        id: 'check',
        operator: '@internal/return',
        when: 'limit < 10',
        parameters: { result: 'failed', limit: '{{limit}}' },
      },
      { id: 'end', operator: '@internal/return', parameters: { value: '{{__kept.value * 2}}' } },
    ];
    const dag = (await must('POST', '/dags', { title: 'Retried', steps })).id;
    return (await must('POST', `/dags/${dag}/run?wait=PT10S`, { data: { limit } })).as<Instance>();
  };

  beforeAll(async () => {
    world = await ApiWorld.open();
  });
  beforeEach(() => {
    domain = world.newDomain();
  });
  afterAll(() => world.close());

  it('answers with the new instance, what it keeps and what it does again', async () => {
    const first = await aRun(1);
    expect(first.status).toBe('failed');
    const retried = await must('POST', `/instances/${first.id}/retry`, {
      from: { stepId: 'mark' },
      data: { limit: 50 },
    });
    expect(retried.status).toBe(202);
    const { id, attempt, retryOf, kept, repeats } = retried.as<Instance & { kept: number; repeats: unknown[] }>();
    expect(retried.headers.location).toBe(`/api/automation/v1/instances/${id}`);
    expect({ attempt, retryOf, kept, repeats }).toEqual({
      attempt: 2,
      retryOf: first.id,
      kept: 1,
      repeats: [{ stepId: 'mark', path: 'mark', operator: '@internal/checkpoint' }],
    });
    const ended = (await must('GET', `/instances/${id}`)).as<Instance>();
    expect(['running', 'succeeded']).toContain(ended.status);
    expect((await must('GET', `/instances/${first.id}`)).as<Instance>().status).toBe('failed');
  });

  it('with the same Idempotency-Key starts one', async () => {
    const { id } = await aRun(1);
    const retry = () => call('POST', `/instances/${id}/retry`, undefined, { 'idempotency-key': 'once' });
    const [a, b] = [await retry(), await retry()];
    expect([a.status, b.status]).toEqual([202, 202]);
    expect(a.id).toBe(b.id);
    expect((await must('GET', '/instances')).as<{ items: unknown[] }>().items).toHaveLength(2);
  });

  it.each([
    [{ from: 'beginning' }, '/from', 'field.invalid'],
    [{ from: { stepId: 'a', path: 'b' } }, '/from', 'field.invalid'],
    [{ from: { stepId: 'nowhere' } }, '/from/stepId', 'retry.from_unknown'],
    [{ outputs: { nowhere: 1 } }, '/outputs/nowhere', 'retry.output_unknown'],
    [{ version: 'v1.0.0' }, '/version', 'field.not_allowed'],
    [{ surprise: 1 }, '/surprise', 'field.unknown'],
  ])('refuses %j', async (body, pointer, code) => {
    const { id } = await aRun(1);
    const refused = await call('POST', `/instances/${id}/retry`, body);
    expect(refused.status).toBe(400);
    expect(refused.problem.errors).toMatchObject([{ pointer, code }]);
  });

  it('says what it would do when it is a dry run, and does nothing', async () => {
    const { id } = await aRun(1);
    const body = { from: { stepId: 'kept' }, data: { limit: 50 } };
    const told = await must('POST', `/instances/${id}/retry`, { ...body, dryRun: true });
    expect([told.status, told.headers.location]).toEqual([200, undefined]);
    expect(told.as<object>()).toEqual({
      id: null,
      status: null,
      retryOf: id,
      attempt: 2,
      kept: 0,
      again: [
        { stepId: 'kept', path: 'kept', operator: '@internal/define', effect: 'pure' },
        { stepId: 'mark', path: 'mark', operator: '@internal/checkpoint', effect: 'write' },
      ],
      repeats: [{ stepId: 'mark', path: 'mark', operator: '@internal/checkpoint' }],
    });
    expect((await must('GET', '/instances')).as<{ items: unknown[] }>().items).toHaveLength(1);
    const [record] = (await must('GET', '/audit-records?action=instance.retry')).as<{ items: { details: object }[] }>()
      .items;
    expect(record?.details).toEqual({ dryRun: true });
    const retried = (await must('POST', `/instances/${id}/retry`, body)).as<{ again: object[]; attempt: number }>();
    expect(retried).toMatchObject({ again: told.as<{ again: object[] }>().again, attempt: 2 });
  });

  it.each([
    [{ data: { limit: 'many' } }, 'input.invalid'],
    [{ from: { stepId: 'nowhere' } }, 'request.invalid'],
  ])('refuses a dry run as it refuses the retry: %j', async (body, code) => {
    const { id } = await aRun(1);
    const dry = await call('POST', `/instances/${id}/retry`, { ...body, dryRun: true });
    const { requestId: _dry, ...refusal } = dry.problem as unknown as Record<string, unknown>;
    const wet = await call('POST', `/instances/${id}/retry`, body);
    const { requestId: _wet, ...other } = wet.problem as unknown as Record<string, unknown>;
    expect(refusal).toEqual(other);
    expect(refusal['code']).toBe(code);
  });

  it('is refused while the instance lives, and does not know other tenants', async () => {
    const steps = [MANUAL, { id: 'w', operator: '@control/wait', parameters: { duration: 'PT1H' } }];
    const dag = (await must('POST', '/dags', { title: 'Waits', steps })).id;
    const live = (await must('POST', `/dags/${dag}/run`)).id;
    expect((await call('POST', `/instances/${live}/retry`)).problem).toMatchObject({
      status: 409,
      code: 'instance.not_ended',
    });
    const elsewhere = await world.call('POST', `/instances/${live}/retry`, undefined, { domain: world.newDomain() });
    expect(elsewhere.problem).toMatchObject({ status: 404, code: 'instance.not_found' });
  });
});
