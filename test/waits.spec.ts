import { localServer, type Hit, type LocalServer } from '@flow/testing/platform';
import type { ServerResponse } from 'node:http';
import { Service, aFolder } from './service';

const MANUAL = { id: 'start', operator: '@trigger/manual' };
const TIMER_SECONDS = 6;

interface Instance {
  readonly id: string;
  readonly status: string;
  readonly result: unknown;
  readonly reason: { readonly compensation?: readonly { stepId: string; status: string }[] } | null;
}
interface Told {
  readonly type: string;
  readonly path?: string;
  readonly by?: string;
}

/** One service after another on one folder, and the server that the steps of its flows call. */
class Lives {
  readonly folder = aFolder();
  readonly held: { readonly step: string; readonly response: ServerResponse }[] = [];
  private server!: LocalServer;
  private service!: Service;

  static async begin(): Promise<Lives> {
    const lives = new Lives();
    lives.server = await localServer((hit, response) => {
      const { step, hold } = JSON.parse(hit.body) as { step: string; hold?: boolean };
      if (hold === true) lives.held.push({ step, response });
      else response.end('{}');
    });
    await lives.start();
    return lives;
  }

  async start(): Promise<void> {
    this.service = await Service.start(this.folder.path, { OUTBOUND_ALLOW: '127.0.0.1', DRAIN_TIMEOUT: 'PT1S' });
  }

  /** The process ends thus, and another goes on. */
  async die(signal: NodeJS.Signals): Promise<void> {
    await this.service.kill(signal);
    this.held.length = 0;
    await this.start();
  }

  async end(): Promise<void> {
    await this.service.kill();
    await this.server.close();
    this.folder.remove();
  }

  must<T>(method: string, path: string, body?: object): Promise<T> {
    return this.service.must<T>(method, path, body);
  }

  async statusOf(method: string, path: string, body?: object, token?: string): Promise<number> {
    return (await this.service.call(method, path, body, {}, token)).status;
  }

  /** A token of another principal. */
  async person(principal: string): Promise<string> {
    const permissions = ['approval.decide', 'instance.view'];
    return (await this.must<{ token: string }>('POST', '/me/tokens', { name: principal, principal, permissions }))
      .token;
  }

  hitsOf(step: string): Hit[] {
    return this.server.hits.filter(({ body }) => (JSON.parse(body) as { step: string }).step === step);
  }

  async aDag(title: string, steps: object[]): Promise<string> {
    return (await this.must<{ id: string }>('POST', '/dags', { title, steps: [MANUAL, ...steps] })).id;
  }

  async run(title: string, steps: object[]): Promise<string> {
    return (await this.must<{ id: string }>('POST', `/dags/${await this.aDag(title, steps)}/run`, {})).id;
  }

  step(id: string, body: object = {}, more: object = {}): object {
    const parameters = { method: 'POST', url: `${this.server.url}/`, body: { step: id, ...body } };
    return { id, operator: '@http/request', parameters, settings: { retry: { max: 5, delay: 0.1 } }, ...more };
  }

  instance(id: string): Promise<Instance> {
    return this.must<Instance>('GET', `/instances/${id}`);
  }

  ended(id: string): Promise<Instance> {
    return this.until(async () => {
      const instance = await this.instance(id);
      return ['succeeded', 'failed', 'cancelled'].includes(instance.status) ? instance : undefined;
    });
  }

  /** The id of the task at this path, as soon as it is in this status. */
  task(id: string, path: string, status = 'waiting'): Promise<string> {
    return this.until(async () => {
      const { items } = await this.must<{ items: { id: string; path: string; status: string }[] }>(
        'GET',
        `/instances/${id}/tasks`,
      );
      return items.find((one) => one.path === path && one.status === status)?.id;
    });
  }

  async facts(id: string): Promise<string[]> {
    const { items } = await this.must<{ items: Told[] }>('GET', `/instances/${id}/history?limit=200`);
    return items
      .filter(({ type }) => /paused|resumed|cancelling|answered|decided|child_/.test(type))
      .map(({ type }) => type);
  }

  /** The path of the address that a step has sent out, below the API's prefix. */
  callbackOf(step: string): Promise<string> {
    return this.until(() => {
      const [hit] = this.hitsOf(step);
      return hit && new URL((JSON.parse(hit.body) as { url: string }).url).pathname.slice('/api/automation/v1'.length);
    });
  }

  async until<T>(find: () => Promise<T | undefined> | T | undefined): Promise<T> {
    for (const endMs = Date.now() + 60_000; ;) {
      const found = await find();
      if (found !== undefined) return found;
      if (Date.now() > endMs) throw new Error('It did not come about within a minute.');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

describe('What waits, when the process ends in the midst of it', () => {
  let lives: Lives;
  beforeEach(async () => (lives = await Lives.begin()));
  afterEach(() => lives.end());

  it.each<NodeJS.Signals>(['SIGKILL', 'SIGTERM'])(
    'by %s is there again, and nothing is lost or doubled',
    async (signal) => {
      const wait = { id: 'answer', operator: '@control/callback' };
      const ask = { id: 'ask', operator: '@control/approval', parameters: { assignees: ['ann', 'bob'], quorum: 2 } };
      const send = (name: string) => lives.step(name, { url: '{{callbacks.answer.url}}' });
      const give = (parameters: object) => ({ id: 'end', operator: '@internal/return', parameters });
      const answered = give({ got: '{{__answer.body.n}}' });
      const [ann, bob] = [await lives.person('ann'), await lives.person('bob')];

      const child = await lives.aDag('Child', [send('child-sends'), wait, answered]);
      const sub = (more: object = {}) => ({
        id: 'sub',
        operator: '@subflow/call/workflow',
        parameters: { dagId: child, ...more },
      });
      const timer = await lives.run('Timer', [
        lives.step('before-timer'),
        { id: 'wait', operator: '@control/wait', parameters: { duration: `PT${TIMER_SECONDS}S` } },
        lives.step('after-timer'),
        give({ at: '{{__wait.until}}' }),
      ]);
      const callback = await lives.run('Callback', [send('sends'), wait, lives.step('after-callback'), answered]);
      const early = await lives.run('Early', [
        lives.step('early-sends', { url: '{{callbacks.answer.url}}' }),
        lives.step('holds', { hold: true }),
        wait,
        answered,
      ]);
      const approval = await lives.run('Approval', [
        ask,
        lives.step('after-approval'),
        give({ said: '{{__ask.decision}}' }),
      ]);
      const parent = await lives.run('Parent', [sub(), lives.step('after-child'), give({ got: '{{__sub}}' })]);
      const paused = await lives.run('Paused', [
        lives.step('before-pause', { hold: true }),
        lives.step('after-pause'),
        give({}),
      ]);
      const undo = { undo: lives.step('undoes', { hold: true }) };
      const cancelled = await lives.run('Cancelled', [lives.step('does', {}, undo), { ...ask, id: 'ask2' }, give({})]);

      // Each in the midst of what it does.
      await lives.until(() => (lives.held.length === 2 ? true : undefined));
      await lives.must('POST', `/instances/${paused}/pause`);
      lives.held.find(({ step }) => step === 'before-pause')?.response.end('{}');
      await lives.task(paused, 'before-pause', 'succeeded');
      await lives.task(timer, 'wait');
      await lives.task(callback, 'answer');
      const [toCallback, toEarly, toChild] = [
        await lives.callbackOf('sends'),
        await lives.callbackOf('early-sends'),
        await lives.callbackOf('child-sends'),
      ];
      await lives.must('POST', toEarly, { n: 2 });
      const approvalId = await lives.task(approval, 'ask');
      expect(await lives.statusOf('POST', `/approvals/${approvalId}`, { decision: 'approved' }, ann)).toBe(200);
      await lives.task(parent, 'sub');
      await lives.task(cancelled, 'ask2');
      await lives.must('POST', `/instances/${cancelled}/cancel`, { compensate: true });
      await lives.until(() => lives.held.find(({ step }) => step === 'undoes'));

      await lives.die(signal);
      expect(
        await Promise.all(
          [callback, approval, parent, paused, cancelled].map(async (id) => (await lives.instance(id)).status),
        ),
      ).toEqual(['waiting', 'waiting', 'waiting', 'paused', 'cancelling']);
      // What was taken before is not taken again.
      expect(await lives.statusOf('POST', toEarly, { n: 3 })).toBe(404);
      expect(await lives.statusOf('POST', `/approvals/${approvalId}`, { decision: 'rejected' }, ann)).toBe(409);
      await lives.must('POST', toCallback, { n: 1 });
      await lives.must('POST', toChild, { n: 4 });
      expect(await lives.statusOf('POST', `/approvals/${approvalId}`, { decision: 'approved' }, bob)).toBe(200);
      expect(await lives.ended(callback)).toMatchObject({ status: 'succeeded', result: { got: 1 } });
      expect(await lives.ended(approval)).toMatchObject({ status: 'succeeded', result: { said: 'approved' } });
      expect(await lives.ended(parent)).toMatchObject({ status: 'succeeded', result: { got: { got: 4 } } });

      await lives.die(signal);
      for (const path of [toEarly, toCallback, toChild]) expect(await lives.statusOf('POST', path, { n: 9 })).toBe(404);
      await lives.must('POST', `/instances/${paused}/resume`);
      for (const step of ['holds', 'undoes'])
        (await lives.until(() => lives.held.find((one) => one.step === step))).response.end('{}');

      expect(await lives.ended(early)).toMatchObject({ status: 'succeeded', result: { got: 2 } });
      expect(await lives.ended(paused)).toMatchObject({ status: 'succeeded' });
      expect(await lives.ended(cancelled)).toMatchObject({
        status: 'cancelled',
        reason: { compensation: [{ stepId: 'undoes', status: 'succeeded' }] },
      });
      const { status, result } = await lives.ended(timer);
      expect(status).toBe('succeeded');
      expect(Date.parse((result as { at: string }).at)).toBeLessThanOrEqual(Date.now());
      const once = [
        'before-timer',
        'after-timer',
        'sends',
        'after-callback',
        'early-sends',
        'after-approval',
        'child-sends',
        'after-child',
        'before-pause',
        'after-pause',
        'does',
      ];
      expect(once.map((step) => [step, lives.hitsOf(step).length])).toEqual(once.map((step) => [step, 1]));
      // What was in flight at a death is asked again under the same key.
      for (const step of ['holds', 'undoes'])
        expect(new Set(lives.hitsOf(step).map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
      const { items } = await lives.must<{ items: object[] }>('GET', `/dags/${child}/instances`);
      expect(items).toHaveLength(1);
      expect([
        await lives.facts(callback),
        await lives.facts(early),
        await lives.facts(approval),
        await lives.facts(parent),
        await lives.facts(paused),
        await lives.facts(cancelled),
      ]).toEqual([
        ['task.answered'],
        ['task.answered'],
        ['task.decided', 'task.decided'],
        ['task.child_started', 'task.child_ended'],
        ['instance.paused', 'instance.resumed'],
        ['instance.cancelling'],
      ]);
    },
    120_000,
  );
});
