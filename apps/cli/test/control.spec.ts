import { CliWorld, until } from './cli-world';
import { Gate } from './gate';

let world: CliWorld;
let gate: Gate;
beforeAll(async () => {
  [world, gate] = [await CliWorld.open(), await Gate.open()];
  await world.serve({ OUTBOUND_ALLOW: gate.host });
  const start = { id: 'start', operator: '@trigger/manual' };
  await world.call('/dags', {
    title: 'Gated',
    steps: [
      start,
      { id: 'ask', operator: '@http/request', parameters: { method: 'GET', url: gate.url } },
      { id: 'end', operator: '@internal/return', parameters: { done: true } },
    ],
  });
  const parameters = {
    title: 'Pay the invoice?',
    assignees: ['admin'],
    schema: { type: 'object', properties: { note: { type: 'string' } }, required: ['note'] },
  };
  await world.call('/dags', {
    title: 'Asking',
    steps: [
      start,
      { id: 'boss', operator: '@control/approval', parameters },
      { id: 'end', operator: '@internal/return', parameters: { said: '{{__boss.decisions}}' } },
    ],
  });
});
afterAll(async () => {
  await world.close();
  gate.close();
});
beforeEach(() => gate.shut());

const started = async (title: string) =>
  (JSON.parse((await world.run(['run', title, '--json'])).out) as { id: string }).id;
const statusOf = async (id: string) => ((await world.call(`/instances/${id}`)) as { status: string }).status;

describe('flowctl pause and resume', () => {
  it('let what runs end, start nothing new, and go on', async () => {
    const id = await started('Gated');
    await gate.someone();
    const paused = await world.run(['pause', id]);
    expect(paused).toMatchObject({ code: 0, out: expect.stringContaining(id) as string });
    gate.release();
    await until(async () => (await statusOf(id)) === 'paused');
    const why = await world.run(['why', id]);
    expect([why.code, why.out]).toEqual([0, expect.stringMatching(/^paused\n {2}paused +Paused by admin\./)]);
    const resumed = await world.run(['resume', id, '--json']);
    expect(JSON.parse(resumed.out)).toMatchObject({ items: [{ id }] });
    await until(async () => (await statusOf(id)) === 'succeeded');
    expect(await world.run(['pause', id])).toMatchObject({ code: 6, out: '' });
  });

  it('say that a run is not paused', async () => {
    const id = await started('Gated');
    const { code, err } = await world.run(['resume', id]);
    expect([code, err]).toEqual([6, expect.stringContaining('(instance.not_paused)')]);
    gate.release();
  });
});

describe('flowctl why', () => {
  it('says what a run waits for, and nothing more when it has ended well', async () => {
    const id = await started('Gated');
    await gate.someone();
    expect((await world.run(['why', id])).out).toMatch(
      /^running\n {2}running +ask +Attempt 1 of @http\/request is running/,
    );
    expect(JSON.parse((await world.run(['why', id, '--json'])).out)).toMatchObject({ waitingFor: [{ path: 'ask' }] });
    gate.release();
    await until(async () => (await statusOf(id)) === 'succeeded');
    expect((await world.run(['why', id])).out).toBe('succeeded\n  It waits for nothing.\n');
    expect(await world.run(['why', '01JZ8Q4VXK5T9N3W7C2B6M1RDE'])).toMatchObject({ code: 5 });
  });
});

describe('flowctl retry', () => {
  it('runs what failed again, keeps what succeeded, and follows it to its end', async () => {
    const define = { id: 'before', operator: '@internal/define', parameters: { type: 'number', value: 1 } };
    await world.call('/dags', {
      title: 'Spoilt',
      steps: [
        { id: 'start', operator: '@trigger/form', parameters: { fields: [{ key: 'text', type: 'string' }] } },
        define,
        { id: 'parse', operator: '@internal/json/parse', parameters: { json: '{{trigger.text}}' } },
        { id: 'end', operator: '@internal/return', parameters: { parsed: true } },
      ],
    });
    const failed = JSON.parse((await world.run(['run', 'Spoilt', '-p', 'text={', '-f', '--json'])).out) as {
      id: string;
    };
    const dry = await world.run(['retry', failed.id, '--from', 'before', '--dry-run']);
    expect([dry.code, dry.err]).toEqual([0, 'Nothing is started. 0 steps are kept, 2 done again.\n']);
    expect(dry.out).toMatch(
      /^STEP +OPERATOR +EFFECT\nbefore +@internal\/define +pure\nparse +@internal\/json\/parse +pure\n$/,
    );
    const told = await world.run(['retry', failed.id, '--dry-run', '--json']);
    expect(JSON.parse(told.out)).toMatchObject({ id: null, attempt: 2, again: [{ path: 'parse', effect: 'pure' }] });
    const again = await world.run(['retry', failed.id, '--follow']);
    expect([again.code, again.out]).toEqual([1, '']);
    expect(again.err).toMatch(new RegExp(`^Attempt 2 of ${failed.id}: \\d+ steps? (is|are) kept\\.\nStarted "Spoilt"`));
    const mended = await world.run(['retry', failed.id, '--output', 'parse={"a":1}', '--wait', '--json']);
    expect(mended.code).toBe(0);
    expect(JSON.parse(mended.out)).toMatchObject({ status: 'succeeded', attempt: 3, result: { parsed: true } });
    const fresh = await world.run(['retry', failed.id, '--from', 'before', '-d', '{"text":"{}"}', '-fq']);
    expect(JSON.parse(fresh.out)).toEqual({ parsed: true });
  });

  it('refuses a run that goes on, and what cannot be meant', async () => {
    const id = await started('Gated');
    const live = await world.run(['retry', id]);
    expect([live.code, live.err]).toEqual([6, expect.stringContaining('(instance.not_ended)')]);
    gate.release();
    expect(await world.run(['retry', id, '--dag-version', 'v0.0.0'])).toMatchObject({ code: 2 });
    expect(await world.run(['retry', id, '--output', 'x=nope'])).toMatchObject({ code: 2 });
  });
});

describe('flowctl approvals', () => {
  it('lists what waits for me, and takes a decision with its data', async () => {
    const id = await started('Asking');
    await until(async () => (await statusOf(id)) === 'waiting');
    const { out } = await world.run(['approvals']);
    const approval = new RegExp(`^(${id}\\w+) +Pay the invoice\\? +boss +0 of 1`, 'm').exec(out)?.[1] ?? '';
    expect(approval).not.toBe('');
    const unfit = await world.run(['approvals', 'approve', approval]);
    expect([unfit.code, unfit.err]).toEqual([2, expect.stringMatching(/FAULT {4}\/data/)]);
    const given = await world.run(['approvals', 'approve', id, '--data', '{"note":"fine"}']);
    expect(given).toEqual({ code: 0, out: 'Approved: Pay the invoice?\n', err: '' });
    await until(async () => (await statusOf(id)) === 'succeeded');
    expect(await world.run(['approvals', 'approve', approval, '-d', '{"note":"again"}'])).toMatchObject({ code: 6 });
    expect(await world.run(['approvals', 'reject', id])).toMatchObject({ code: 5, out: '' });
  });

  it('takes a rejection, and shows an empty list as such', async () => {
    const id = await started('Asking');
    await until(async () => (await statusOf(id)) === 'waiting');
    expect((await world.run(['approvals', 'reject', id])).out).toBe('Rejected: Pay the invoice?\n');
    await until(async () => (await statusOf(id)) === 'failed');
    expect(await world.run(['approvals'])).toEqual({ code: 0, out: '', err: 'Nothing waits for you.\n' });
    expect((await world.run(['approvals', 'list', '--json'])).out).toBe('{\n  "items": []\n}\n');
  });
});
