import { until, type Ask } from './api-world';
import { Flows } from './flows';

interface Approval {
  readonly id: string;
  readonly instanceId: string;
  readonly status: string;
  readonly decisions: readonly { by: string; decision: string; at: string; data: unknown }[];
}

const schema = {
  type: 'object',
  properties: { amount: { type: 'number', maximum: 100 }, note: { type: 'string' } },
  required: ['amount'],
  additionalProperties: false,
};
const end = { id: 'end', operator: '@internal/return', parameters: { said: '{{__ask.decision}}' } };

describe('An approval', () => {
  let flows: Flows;
  let ann: Ask;
  let bob: Ask;
  let eve: Ask;
  beforeAll(async () => {
    flows = await Flows.start();
    [ann, bob, eve] = [await flows.person('ann'), await flows.person('bob'), await flows.person('eve')];
  });
  beforeEach(() => flows.renew());
  afterAll(() => flows.close());

  const ask = (parameters: object = {}, more: object = {}) => ({
    id: 'ask',
    title: 'Review',
    operator: '@control/approval',
    parameters: { assignees: ['ann', 'bob'], ...parameters },
    ...more,
  });
  const asked = async (parameters: object = {}, more: object = {}) => {
    const id = await flows.run([ask(parameters, more), end]);
    return { id, approval: (await flows.taskIn(id, 'ask')).id };
  };
  const decide = (approval: string, who: Ask, decision = 'approved', data?: unknown) =>
    flows.ask('POST', `/approvals/${approval}`, { decision, ...(data !== undefined && { data }) }, who);
  const listOf = async (who: Ask, query = '') =>
    (await flows.must('GET', `/approvals${query}`, undefined, who)).as<{
      items: Approval[];
      nextCursor: string | null;
      total?: number;
    }>();

  it('is listed for those who are asked, with all that they need, until enough have decided', async () => {
    const { id, approval } = await asked({ title: 'Pay it?', quorum: 2, schema, expiresIn: 'P1D' });
    const { items, total } = await listOf(ann, '?count=true');
    expect(total).toBe(1);
    expect(items).toEqual([
      {
        id: approval,
        instanceId: id,
        dagId: expect.any(String) as string,
        stepId: 'ask',
        path: 'ask',
        title: 'Pay it?',
        status: 'waiting',
        assignees: ['ann', 'bob'],
        quorum: 2,
        schema,
        decisions: [],
        expiresAt: expect.stringMatching(/^20/) as string,
        createdAt: expect.stringMatching(/^20/) as string,
      },
    ]);
    expect((await listOf(eve)).items).toEqual([]);
    expect((await flows.must('GET', `/instances/${id}/why`)).text).toContain(
      'Has 0 of 2 approvals; may come from ann, bob.',
    );
    expect((await decide(approval, ann, 'approved', { amount: 1 })).status).toBe(200);
    expect((await listOf(ann)).items.length + (await listOf(bob)).items.length).toBe(1);
    await decide(approval, bob, 'approved', { amount: 1 });
    await flows.ended(id);
    expect((await listOf(bob)).items).toEqual([]);
  });

  it('lets the run go on with the last approval that was wanted, and tells who gave them', async () => {
    const { id, approval } = await asked({ quorum: 2, schema });
    const first = await decide(approval, bob, 'approved', { amount: 5 });
    expect(first.as<Approval>()).toMatchObject({ status: 'waiting', decisions: [{ by: 'bob', data: { amount: 5 } }] });
    expect((await flows.instance(id)).status).toBe('waiting');
    const second = await decide(approval, ann, 'approved', { amount: 6 });
    expect(second.as<Approval>()).toMatchObject({
      status: 'succeeded',
      decisions: [{ by: 'bob' }, { by: 'ann', data: { amount: 6 } }],
    });
    expect(await flows.ended(id)).toMatchObject({ status: 'succeeded', result: { said: 'approved' } });
    expect((await flows.facts(id)).slice(1, 3)).toMatchObject([
      { type: 'task.decided', path: 'ask', by: 'bob', decision: 'approved' },
      { type: 'task.decided', path: 'ask', by: 'ann', decision: 'approved' },
    ]);
  });

  it('fails its step with one rejection, or goes on with it', async () => {
    const { id, approval } = await asked({ quorum: 2 });
    const answer = await decide(approval, ann, 'rejected', { why: 'paid twice' });
    expect(answer.as<Approval>()).toMatchObject({ status: 'failed', decisions: [{ data: { why: 'paid twice' } }] });
    expect(await flows.ended(id)).toMatchObject({
      status: 'failed',
      reason: { code: 'approval.rejected', message: 'ann rejected it.', stepId: 'ask' },
    });
    const other = await asked({ onReject: 'continue' });
    await decide(other.approval, bob, 'rejected');
    expect(await flows.ended(other.id)).toMatchObject({ status: 'succeeded', result: { said: 'rejected' } });
  });

  it('takes the word of those who are asked, once each, in its own time', async () => {
    const { id, approval } = await asked({ quorum: 2 });
    const refused = await decide(approval, eve);
    expect([refused.status, refused.problem.code]).toEqual([403, 'approval.not_assigned']);
    await decide(approval, ann);
    const twice = await decide(approval, ann, 'rejected');
    expect([twice.status, twice.problem.code]).toEqual([409, 'approval.already_given']);
    await flows.must('POST', `/instances/${id}/cancel`);
    await flows.ended(id);
    const late = await decide(approval, bob);
    expect([late.status, late.problem.code]).toEqual([409, 'approval.is_over']);
    expect(late.problem.detail).toContain('cancelled');
    const unknown = await decide('01ARZ3NDEKTSV4RRFFQ69G5FAV000001', ann);
    expect([unknown.status, unknown.problem.code]).toEqual([404, 'approval.not_found']);
    const noApproval = await decide((await flows.task(id, 'start')).id, ann);
    expect(noApproval.problem.code).toBe('approval.not_found');
  });

  it('holds the data of an approval against its schema, and tells every fault with its pointer', async () => {
    const { id, approval } = await asked({ schema });
    for (const [data, pointers] of [
      [undefined, ['/data']],
      [{}, ['/data/amount']],
      [{ amount: 101, note: 7 }, ['/data/amount', '/data/note']],
      [{ amount: 1, more: true }, ['/data/more']],
      ['yes', ['/data']],
    ] as const) {
      const { status, problem } = await decide(approval, ann, 'approved', data);
      expect([status, problem.errors?.map(({ pointer }) => pointer).sort()]).toEqual([400, pointers]);
    }
    for (const body of [{}, { decision: 'maybe' }, { decision: 'approved', by: 'bob' }, [], 'approved'])
      expect((await flows.ask('POST', `/approvals/${approval}`, JSON.stringify(body), ann)).status).toBe(400);
    expect((await flows.instance(id)).status).toBe('waiting');
    await decide(approval, ann, 'approved', { amount: 100 });
    expect((await flows.ended(id)).status).toBe('succeeded');
  });

  it('expires: its step fails or goes on, and a late word is refused', async () => {
    const { id, approval } = await asked({ expiresIn: 'PT0.3S' });
    expect(await flows.ended(id)).toMatchObject({ status: 'failed', reason: { code: 'task.timeout', stepId: 'ask' } });
    expect((await decide(approval, ann)).problem.code).toBe('approval.is_over');
    expect((await listOf(ann)).items).toEqual([]);
    const other = await asked({ expiresIn: 'PT0.3S', onExpiry: 'continue' });
    expect(await flows.ended(other.id)).toMatchObject({ result: { said: 'expired' } });
  });

  it('that is decided by fifty at once counts each word once', async () => {
    const { id, approval } = await asked({ quorum: 2 });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => decide(approval, i % 2 === 0 ? ann : bob)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(48);
    const { output } = await flows.taskIn(id, 'ask', 'succeeded');
    expect((output as { decisions: object[] }).decisions).toHaveLength(2);
  });

  it('is listed in pages, oldest first, and only for its own people', async () => {
    const dag = await flows.aDag([ask({ assignees: ['ann'] }), end]);
    const other = await flows.aDag([ask({ assignees: ['bob'] }), end]);
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      ids.push(await flows.runOf(dag));
      await flows.runOf(other);
    }
    await until(async () => ((await listOf(ann, '?count=true')).total === 5 ? true : undefined));
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const page = await listOf(ann, `?limit=2${cursor}`);
      seen.push(...page.items.map(({ instanceId }) => instanceId));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen).toEqual(ids);
    const blind = await flows.person('ann', ['instance.view']);
    expect((await flows.ask('GET', '/approvals', undefined, blind)).status).toBe(403);
  });

  it('stands still with its run that is paused, takes words, and acts on them at the resume', async () => {
    const { id, approval } = await asked();
    await flows.must('POST', `/instances/${id}/pause`);
    expect((await decide(approval, ann)).as<Approval>().status).toBe('succeeded');
    expect((await flows.instance(id)).status).toBe('paused');
    await flows.must('POST', `/instances/${id}/resume`);
    expect((await flows.ended(id)).result).toEqual({ said: 'approved' });
  });
});
