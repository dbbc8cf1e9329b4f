import { Flows } from './flows';

interface Firing {
  readonly id: string;
  readonly status: string;
  readonly instanceId: string;
}

const FIELDS = [
  { key: 'email', name: 'E-mail', type: 'string', format: 'email', required: true, description: 'Whom to tell' },
  { key: 'size', type: 'string', enum: ['s', 'm'], default: 's' },
  { key: 'count', type: 'integer', min: 1, max: 5, default: 1 },
];

describe('A form', () => {
  let flows: Flows;
  beforeAll(async () => (flows = await Flows.start()));
  beforeEach(() => flows.renew());
  afterAll(() => flows.close());

  const form = async (): Promise<string> => {
    const steps = [
      { id: 'in', operator: '@trigger/form', parameters: { fields: FIELDS } },
      { id: 'end', operator: '@internal/return', parameters: { got: '{{__in.fields}}' } },
    ];
    const dag = (await flows.must('POST', '/dags', { title: `form ${flows.domain}`, steps })).id;
    return (await flows.must('GET', `/dags/${dag}/triggers`)).as<{ items: { id: string }[] }>().items[0]?.id ?? '';
  };
  const fire = async (id: string, body?: object) => {
    const firing = (await flows.must('POST', `/triggers/${id}/fire`, body)).as<Firing>();
    return (await flows.ended(firing.instanceId)).result;
  };

  it('tells its fields as a JSON Schema', async () => {
    const id = await form();
    expect((await flows.must('GET', `/triggers/${id}/form`)).json).toEqual({
      type: 'object',
      properties: {
        email: { type: 'string', format: 'email', title: 'E-mail', description: 'Whom to tell' },
        size: { type: 'string', enum: ['s', 'm'], default: 's' },
        count: { type: 'integer', minimum: 1, maximum: 5, default: 1 },
      },
      required: ['email'],
      additionalProperties: false,
    });
    const dag = await flows.aDag([{ id: 'end', operator: '@internal/return' }]);
    const manual = (await flows.must('POST', `/dags/${dag}/triggers`, { kind: 'manual' })).id;
    expect((await flows.must('GET', `/triggers/${manual}/form`)).json).toEqual({
      type: 'object',
      additionalProperties: true,
    });
  });

  it('is fired with what fits; what does not starts nothing and leaves nothing', async () => {
    const id = await form();
    for (const [body, ...pointers] of [
      [undefined, '/data/email'],
      [{ data: {} }, '/data/email'],
      [
        { data: { email: 'x', size: 'l', count: 9, more: 1 } },
        '/data/email',
        '/data/size',
        '/data/count',
        '/data/more',
      ],
    ] as const) {
      const { problem } = await flows.ask('POST', `/triggers/${id}/fire`, body);
      expect(problem).toMatchObject({ status: 400, code: 'input.invalid' });
      expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(pointers);
    }
    expect((await flows.must('GET', `/triggers/${id}/firings`)).as<{ items: object[] }>().items).toEqual([]);
    expect(await fire(id, { data: { email: 'a@b.example' } })).toEqual({
      got: { email: 'a@b.example', size: 's', count: 1 },
    });
  });

  it('is fired with data that was saved under a name', async () => {
    const id = await form();
    const data = { email: 'a@b.example', count: 3 };
    const saved = await flows.must('POST', `/triggers/${id}/inputs`, { name: 'Drei für A', data });
    expect([saved.status, saved.headers.location]).toEqual([
      201,
      `/api/automation/v1/triggers/${id}/inputs/Drei%20f%C3%BCr%20A`,
    ]);
    expect((await flows.must('POST', `/triggers/${id}/inputs`, { name: 'Drei für A', data })).json).toEqual(saved.json);
    expect(await fire(id, { input: 'Drei für A' })).toEqual({ got: { ...data, size: 's' } });
    await flows.must('POST', `/triggers/${id}/inputs`, { name: 'B', data: { email: 'b@b.example' } });
    const listed = await flows.must('GET', `/triggers/${id}/inputs`);
    expect(listed.json).toMatchObject({
      items: [{ name: 'B' }, { name: 'Drei für A', data, createdBy: 'admin' }],
      nextCursor: null,
    });
    for (const [body, code] of [
      [{ name: 'B', data }, 'saved_input.name_taken'],
      [{ name: 'C', data: { email: 'none' } }, 'input.invalid'],
      [{ name: '../x', data }, 'request.invalid'],
      [{ name: 'C' }, 'request.invalid'],
    ] as const)
      expect((await flows.ask('POST', `/triggers/${id}/inputs`, body)).problem.code).toBe(code);
    expect((await flows.ask('POST', `/triggers/${id}/fire`, { input: 'none' })).problem.code).toBe(
      'saved_input.not_found',
    );
    expect((await flows.ask('POST', `/triggers/${id}/fire`, { input: 'B', data })).problem.code).toBe(
      'input.ambiguous',
    );
    expect((await flows.ask('DELETE', `/triggers/${id}/inputs/Drei%20f%C3%BCr%20A`)).status).toBe(204);
    expect((await flows.ask('DELETE', `/triggers/${id}/inputs/Drei%20f%C3%BCr%20A`)).problem.code).toBe(
      'saved_input.not_found',
    );
  });

  it('checks saved data again when it is used: the form may have changed', async () => {
    const id = await form();
    await flows.must('POST', `/triggers/${id}/inputs`, { name: 'a', data: { email: 'a@b.example', size: 'm' } });
    const { dagId } = (await flows.must('GET', `/triggers/${id}`)).as<{ dagId: string }>();
    const { title, steps } = (await flows.must('GET', `/dags/${dagId}`)).as<{ title: string; steps: object[] }>();
    const fields = FIELDS.filter(({ key }) => key !== 'size');
    await flows.must('PUT', `/dags/${dagId}`, { title, steps: [{ ...steps[0], parameters: { fields } }, steps[1]] });
    expect((await flows.ask('POST', `/triggers/${id}/fire`, { input: 'a' })).problem).toMatchObject({
      status: 400,
      code: 'input.invalid',
      errors: [{ pointer: '/data/size' }],
    });
  });

  it('shows nothing of it to another business domain', async () => {
    const id = await form();
    await flows.must('POST', `/triggers/${id}/inputs`, { name: 'a', data: { email: 'a@b.example' } });
    const domain = flows.world.newDomain();
    for (const [method, path, body] of [
      ['GET', 'form', undefined],
      ['GET', 'inputs', undefined],
      ['POST', 'inputs', { name: 'b', data: {} }],
      ['DELETE', 'inputs/a', undefined],
      ['POST', 'fire', { input: 'a' }],
    ] as const)
      expect((await flows.ask(method, `/triggers/${id}/${path}`, body, { domain })).problem.code).toBe(
        'trigger.not_found',
      );
  });
});
