import { Service, aFolder, type Reply } from '../service';

const LONG = 300_000;
const MOMENTS = ['before', 'commit', 'after'];
const WRITES = ['command.note', 'command.forget', 'audit.append'];
const ENVIRONMENT = { LOG_LEVEL: 'error' };

interface Shown {
  readonly requestId: string;
  readonly action: string;
  readonly outcome: string;
  readonly object: { readonly id: string | null };
  readonly details: { readonly created?: string };
}

/** One process after another on one folder; each but the last dies at a write of the trail, in the midst of commands. */
class House {
  readonly folder = aFolder();
  service!: Service;
  /** What was answered, by the id of its request. */
  readonly answered = new Map<string, number>();
  readonly asked = new Set<string>();
  private count = 0;

  async start(failpoint?: string): Promise<void> {
    this.service = Service.spawn(this.folder.path, { ...ENVIRONMENT, ...(failpoint && { FAILPOINT: failpoint }) });
    await this.service.ready().catch((error: unknown) => {
      // One that dies while it takes up what the one before has left was killed where it was to be.
      if (failpoint === undefined) throw error;
    });
  }

  async ask(method: string, path: string, body?: object, token?: string): Promise<Reply | undefined> {
    const id = `r-${(this.count += 1)}`;
    this.asked.add(id);
    const headers = { 'x-request-id': id, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    try {
      const reply = await this.service.call(method, path, body, headers);
      this.answered.set(id, reply.status);
      return reply;
    } catch {
      return undefined;
    }
  }

  /** Commands of every kind, four callers at once, until the process is gone. */
  async work(dagId: string, token: string): Promise<void> {
    const caller = async (kind: number) => {
      for (let n = 0; this.service.running && n < 200; n += 1) {
        if (kind === 0) await this.ask('POST', `/dags/${dagId}/run`, {});
        else if (kind === 1) await this.ask('POST', '/variables', { name: `v${kind}_${this.count}`, value: n });
        else if (kind === 2) await this.ask('DELETE', '/dags/01ARZ3NDEKTSV4RRFFQ69G5FAV');
        // The first sixty of a minute have records of their own.
        else if (n < 15) await this.ask('POST', '/dags', {}, token);
        else return;
      }
    };
    await Promise.all([0, 1, 2, 3].map(caller));
  }

  async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { items: T[]; nextCursor: string | null } = await this.service.must(
        'GET',
        `${path}${cursor && `&cursor=${cursor}`}`,
      );
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  }
}

describe('a process that is killed at a write of the audit trail', () => {
  it(
    'leaves no command without a record, and one record for each',
    async () => {
      const house = new House();
      await house.start();
      const steps = [
        { id: '0', operator: '@trigger/manual' },
        { id: '1', operator: '@internal/return', parameters: {} },
      ];
      const { id: dagId } = await house.service.must<{ id: string }>('POST', '/dags', { title: 'one', steps });
      const { token } = await house.service.must<{ token: string }>('POST', '/me/tokens', {
        name: 'reads',
        permissions: ['dag.view'],
        domains: ['*'],
      });
      await house.service.stop();
      let deaths = 0;
      for (const write of WRITES)
        for (const moment of MOMENTS) {
          await house.start(`${write}.${moment}@3`);
          if (house.service.running) await house.work(dagId, token);
          expect([write, moment, (await house.service.exited).signal]).toEqual([write, moment, 'SIGKILL']);
          deaths += 1;
        }
      await house.start();
      const records = (await house.all<Shown>('/audit-records?limit=200')).filter(({ requestId }) =>
        house.asked.has(requestId),
      );
      const ids = records.map(({ requestId }) => requestId);
      expect(new Set(ids).size).toBe(ids.length);
      expect([...house.answered.keys()].filter((id) => !ids.includes(id))).toEqual([]);
      // What was done has a record, though nobody was told.
      const started = new Set(
        records.filter(({ action }) => action === 'dag.run').map(({ details }) => details.created),
      );
      const runs = await house.all<{ id: string }>('/instances?limit=200');
      expect(runs.length).toBeGreaterThan(0);
      expect(runs.filter(({ id }) => !started.has(id))).toEqual([]);
      const variables = await house.all<{ name: string }>('/variables?limit=200');
      const made = records.filter(({ action }) => action === 'variable.create');
      expect(made.length).toBeGreaterThanOrEqual(variables.length);
      // What was answered is recorded as it was, or its process died before it had written that down.
      for (const { requestId, outcome } of records) {
        const status = house.answered.get(requestId);
        if (status === undefined || outcome === 'unknown') continue;
        expect([requestId, outcome]).toEqual([requestId, status < 400 ? 'done' : 'refused']);
      }
      // What was denied stood in the journal with its result when it was answered.
      const denied = records.filter(({ requestId }) => house.answered.get(requestId) === 403);
      expect(denied.filter(({ outcome }) => outcome !== 'refused')).toEqual([]);
      expect(denied.length).toBeGreaterThan(0);
      expect(records.filter(({ outcome }) => outcome === 'unknown').length).toBeGreaterThan(0);
      const verdict = await house.service.must<{ ok: boolean; firstFault: unknown }>('GET', '/audit-records/verify');
      expect(verdict).toMatchObject({ ok: true, firstFault: null });
      expect(deaths).toBe(WRITES.length * MOMENTS.length);
      await house.service.stop();
      house.folder.remove();
    },
    LONG,
  );
});
