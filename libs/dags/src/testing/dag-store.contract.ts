import { RequestInvalid, type DagId, type DomainId } from '@flow/kernel';
import { contentOf, summaryOf, versionOf, type Dag } from '../dag';
import { DagNotFound, DagStale, DagTitleTaken, VersionTaken } from '../dag.errors';
import { DAG_SORTS, type DagFilter, type DagSort, type DagStore } from '../dag.store';
import { aDag, step } from './a-dag';

const ACME = 'acme' as DomainId;
const OTHER = 'other' as DomainId;

/** What every DagStore keeps to. `open` gives an empty store each time. */
export function dagStoreContract(name: string, open: () => DagStore | Promise<DagStore>): void {
  describe(`${name} keeps DAGs`, () => {
    it('gives back what was stored, field by field', async () => {
      const store = await open();
      const dag = aDag({
        title: "Überweisungen „täglich“ 😀 '; DROP TABLE dags; --",
        description: 'line\nbreak',
        tags: ['b', 'a'],
        labels: { team: 'x' },
        vars: { limit: { type: 'number', default: 0.1 } },
        outputs: { rows: '{{__0.rows}}', zero: '\u0000' },
        timeout: 'PT1H',
        startBy: 'PT10M',
        concurrency: { max: 2, key: '{{trigger.team}}', onFull: 'queueOne' },
        rateLimit: { max: 10, per: 'PT1M', burst: 3 },
        retention: { succeeded: 'P7D', failed: 'forever' },
        steps: [step('0', { operator: '@trigger/cron/week' }), step('1', { dependsOn: [] })],
      });
      expect(await store.create(dag)).toEqual({ dag, created: true });
      expect(await store.find(ACME, dag.id)).toEqual(dag);
      expect(await store.version(ACME, dag.id, 'v0.0.0')).toEqual(versionOf(dag));
      expect((await store.list(ACME, {}, { limit: 10 })).items).toEqual([summaryOf(dag)]);
      expect(summaryOf(dag).trigger).toBe('cron');
    });

    it('finds nothing of another domain', async () => {
      const store = await open();
      const { dag } = await store.create(aDag());
      expect(await store.find(OTHER, dag.id)).toBeUndefined();
      expect(await store.findMany(OTHER, [dag.id])).toEqual([]);
      expect((await store.list(OTHER, {}, { limit: 10, count: true })).total).toBe(0);
      expect(await store.version(OTHER, dag.id, dag.version)).toBeUndefined();
      expect((await store.versions(OTHER, dag.id, { limit: 10 })).items).toEqual([]);
      await expect(store.update({ ...dag, domain: OTHER }, 1, { publish: false })).rejects.toThrow(DagNotFound);
      await expect(store.remove(OTHER, dag.id, { at: dag.createdAt, by: 'eve' })).rejects.toThrow(DagNotFound);
      expect((await store.create(aDag({ id: dag.id, domain: OTHER, title: dag.title }))).created).toBe(true);
    });

    it('lets a title be taken once in a domain, also by requests that come at the same moment', async () => {
      const store = await open();
      const attempts = await Promise.allSettled(
        Array.from({ length: 10 }, () => store.create(aDag({ title: 'The only one' }))),
      );
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const attempt of attempts)
        if (attempt.status === 'rejected') expect(attempt.reason).toBeInstanceOf(DagTitleTaken);
      expect((await store.list(ACME, {}, { limit: 20 })).items).toHaveLength(1);
    });

    it('leaves nothing behind when a title is taken', async () => {
      const store = await open();
      await store.create(aDag({ title: 'Taken' }));
      const refused = aDag({ title: 'Taken', tags: ['x'] });
      await expect(store.create(refused)).rejects.toThrow(DagTitleTaken);
      expect(await store.version(ACME, refused.id, refused.version)).toBeUndefined();
      const { dag } = await store.create(aDag({ title: 'Free' }));
      const renamed = { ...dag, title: 'Taken', version: 'v0.0.1' };
      await expect(store.update(renamed, 1, { publish: true })).rejects.toThrow(DagTitleTaken);
      expect(await store.find(ACME, dag.id)).toEqual(dag);
      expect(await store.version(ACME, dag.id, 'v0.0.1')).toBeUndefined();
    });

    it('gives the standing DAG to a repeat of its creation, deleted or not', async () => {
      const store = await open();
      const { dag } = await store.create(aDag());
      expect(await store.create({ ...dag, title: 'Another' })).toEqual({ dag, created: false });
      await store.remove(ACME, dag.id, { at: dag.createdAt, by: 'ann' });
      expect(await store.create(dag)).toEqual({ dag, created: false });
      expect(await store.find(ACME, dag.id)).toBeUndefined();
    });

    it('finds nothing under an id or version that nothing can have', async () => {
      const store = await open();
      const { dag } = await store.create(aDag());
      for (const odd of ['', '\u0000', `${dag.id}\u0000`, '\ud800', "' OR 1=1 --", 'x'.repeat(10_000)]) {
        expect(await store.find(ACME, odd as DagId)).toBeUndefined();
        expect(await store.findMany(ACME, [odd as DagId])).toEqual([]);
        expect(await store.version(ACME, dag.id, odd)).toBeUndefined();
        expect(await store.version(ACME, odd as DagId, 'v0.0.0')).toBeUndefined();
      }
    });

    it('finds a DAG by its exact title while it stands', async () => {
      const store = await open();
      const { dag } = await store.create(aDag({ title: 'By name' }));
      expect(await store.findByTitle(ACME, 'By name')).toEqual(dag);
      for (const other of ['by name', 'By nam', 'By name\u0000', ''])
        expect(await store.findByTitle(ACME, other)).toBeUndefined();
      expect(await store.findByTitle(OTHER, 'By name')).toBeUndefined();
      await store.remove(ACME, dag.id, { at: dag.createdAt, by: 'ann' });
      expect(await store.findByTitle(ACME, 'By name')).toBeUndefined();
    });

    it('finds many in the order of the ids, each once, without the unknown', async () => {
      const store = await open();
      const [a, b] = [await store.create(aDag()), await store.create(aDag())];
      const found = await store.findMany(ACME, [b.dag.id, 'nobody' as DagId, a.dag.id, b.dag.id]);
      expect(found).toEqual([b.dag, a.dag]);
    });
  });

  describe(`${name} changes DAGs`, () => {
    it('publishes a version with the change, and keeps the older one as it was', async () => {
      const store = await open();
      const { dag } = await store.create(aDag({ title: 'Before', tags: ['old'] }));
      const changed: Dag = {
        ...dag,
        title: 'After',
        tags: ['new'],
        steps: [...dag.steps, step('1')],
        version: 'v0.1.0',
        changeLog: 'more',
        updatedAt: '2026-02-01T00:00:00.000Z',
        modifiedBy: 'bob',
      };
      const stored = await store.update(changed, 1, { publish: true });
      expect(stored).toEqual({ ...changed, revision: 2 });
      expect(await store.find(ACME, dag.id)).toEqual(stored);
      expect((await store.version(ACME, dag.id, 'v0.0.0'))?.content).toEqual(contentOf(dag));
      expect((await store.version(ACME, dag.id, 'v0.1.0'))?.createdBy).toBe('bob');
      expect((await store.list(ACME, { keyword: 'before' }, { limit: 1 })).items).toEqual([]);
      expect((await store.list(ACME, { keyword: 'after', tag: 'new' }, { limit: 1 })).items).toHaveLength(1);
      expect((await store.list(ACME, { tag: 'old' }, { limit: 1 })).items).toEqual([]);
      expect((await store.create(aDag({ title: 'Before' }))).created).toBe(true);
    });

    it('changes status and tags alone when nothing is published', async () => {
      const store = await open();
      const { dag } = await store.create(aDag());
      const change: Dag = { ...dag, title: 'Not this', status: 'stopped', tags: ['t'], version: 'v9.0.0' };
      expect(await store.update(change, 1, { publish: false })).toEqual({
        ...dag,
        status: 'stopped',
        tags: ['t'],
        revision: 2,
      });
      expect((await store.versions(ACME, dag.id, { limit: 10 })).items).toHaveLength(1);
    });

    it('refuses a change of a revision that is no longer there', async () => {
      const store = await open();
      const { dag } = await store.create(aDag());
      await store.update({ ...dag, status: 'stopped' }, 1, { publish: false });
      await expect(store.update({ ...dag, status: 'normal' }, 1, { publish: false })).rejects.toThrow(DagStale);
      await expect(store.update({ ...dag, version: 'v0.0.1' }, 1, { publish: true })).rejects.toThrow(DagStale);
      expect(await store.version(ACME, dag.id, 'v0.0.1')).toBeUndefined();
      expect((await store.find(ACME, dag.id))?.status).toBe('stopped');
    });

    it('lets a version be published once, also by requests that come at the same moment', async () => {
      const store = await open();
      const { dag } = await store.create(aDag());
      const attempts = await Promise.allSettled(
        ['a', 'b', 'c'].map((description) =>
          store.update({ ...dag, description, version: 'v0.0.1' }, 1, { publish: true }),
        ),
      );
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const attempt of attempts)
        if (attempt.status === 'rejected') expect(attempt.reason).toBeInstanceOf(VersionTaken);
    });

    it('deletes softly: the title is free, the versions stay', async () => {
      const store = await open();
      const { dag } = await store.create(aDag({ title: 'Gone', tags: ['t'] }));
      await expect(store.remove(ACME, dag.id, { at: dag.createdAt, by: 'ann', fromRevision: 9 })).rejects.toThrow(
        DagStale,
      );
      await store.remove(ACME, dag.id, { at: dag.createdAt, by: 'ann', fromRevision: 1 });
      expect(await store.find(ACME, dag.id)).toBeUndefined();
      expect(await store.findMany(ACME, [dag.id])).toEqual([]);
      expect((await store.list(ACME, { keyword: 'gone', tag: 't' }, { limit: 1, count: true })).total).toBe(0);
      expect(await store.version(ACME, dag.id, dag.version)).toBeDefined();
      await expect(store.remove(ACME, dag.id, { at: dag.createdAt, by: 'ann' })).rejects.toThrow(DagNotFound);
      await expect(store.update(dag, 1, { publish: false })).rejects.toThrow(DagNotFound);
      expect((await store.create(aDag({ title: 'Gone' }))).created).toBe(true);
    });
  });

  describe(`${name} knows which DAGs name a secret`, () => {
    const naming = (id: string, ...names: string[]) =>
      step(id, { parameters: { value: names.map((secret) => `{{secrets.${secret}}}`).join(' ') } });
    const found = async (store: DagStore, secret: string, limit = 10, domain = ACME) => {
      const { total, dags } = (await store.namingSecrets(domain, [secret], limit)).get(secret) ?? {
        total: 0,
        dags: [],
      };
      return { total, titles: dags.map(({ title }) => title) };
    };

    it('of the domain, the oldest first, with how many there are', async () => {
      const store = await open();
      for (const title of ['a', 'b', 'c'])
        await store.create(aDag({ title, steps: [naming('0', 'key', 'own_' + title)] }));
      const { dag } = await store.create(aDag({ title: 'd', domain: OTHER, steps: [naming('0', 'key')] }));
      expect(await found(store, 'key', 2)).toEqual({ total: 3, titles: ['a', 'b'] });
      expect(await found(store, 'own_c')).toEqual({ total: 1, titles: ['c'] });
      expect([...(await store.namingSecrets(OTHER, ['key', 'own_a', '\u0000', 'own_a'], 9)).entries()]).toEqual([
        ['key', { total: 1, dags: [{ id: dag.id, title: 'd' }] }],
      ]);
      expect((await store.namingSecrets(ACME, [], 9)).size).toBe(0);
    });

    it('in their newest version alone, under the title that they have', async () => {
      const store = await open();
      const { dag } = await store.create(aDag({ title: 'old', steps: [naming('0', 'first', 'both')] }));
      const next = { ...dag, title: 'new', steps: [naming('0', 'both', 'second')], version: 'v0.0.1' };
      const stored = await store.update(next, 1, { publish: true });
      await store.update({ ...stored, status: 'stopped' }, 2, { publish: false });
      expect(await found(store, 'first')).toEqual({ total: 0, titles: [] });
      for (const name of ['both', 'second']) expect(await found(store, name)).toEqual({ total: 1, titles: ['new'] });
    });

    it('not when they are deleted or were never stored', async () => {
      const store = await open();
      const { dag } = await store.create(aDag({ title: 'gone', steps: [naming('0', 'key')] }));
      await expect(store.create(aDag({ title: 'gone', steps: [naming('0', 'other')] }))).rejects.toThrow(DagTitleTaken);
      await store.remove(ACME, dag.id, { at: dag.createdAt, by: 'ann' });
      await store.create(dag);
      for (const name of ['key', 'other']) expect((await found(store, name)).total).toBe(0);
    });
  });

  describe(`${name} lists`, () => {
    const titles = ['beta', 'Alpha', 'gamma', 'Delta report', 'REPORT two', 'a_b%c', 'zoë Ärger'];
    async function filled() {
      const store = await open();
      const dags: Dag[] = [];
      for (const [i, title] of titles.entries()) {
        // Two rows share each time, so that pages must break ties.
        const at = `2026-01-0${Math.floor(i / 2) + 1}T00:00:00.000Z`;
        const { dag } = await store.create(
          aDag({
            title,
            createdAt: at,
            updatedAt: at.replace('2026-01', '2026-03'),
            status: i % 3 === 0 ? 'stopped' : 'normal',
            createdBy: i % 2 === 0 ? 'ann' : 'bob',
            tags: i < 3 ? ['early', `n${i}`] : [],
            steps: [step('0', { operator: i === 1 ? '@trigger/cron/week' : '@trigger/manual' })],
          }),
        );
        dags.push(dag);
      }
      return { store, dags };
    }
    const titlesOf = async (store: DagStore, filter: DagFilter) =>
      (await store.list(ACME, filter, { limit: 200 })).items.map(({ title }) => title);

    it.each(DAG_SORTS)('sorts by %s, page by page, without a gap and without a repeat', async (sort) => {
      const { store, dags } = await filled();
      const key = sort.replace('-', '') as 'createdAt' | 'updatedAt' | 'title';
      const rising = [...dags]
        .sort((a, b) => compare(a[key].toLowerCase(), b[key].toLowerCase()) || compare(a.id, b.id))
        .map(({ title }) => title);
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await store.list(ACME, { sort }, { limit: 2, ...(cursor !== null && { cursor }), count: true });
        expect(page.total).toBe(titles.length);
        seen.push(...page.items.map(({ title }) => title));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(seen).toEqual(sort.startsWith('-') ? rising.reverse() : rising);
    });

    it('shows the newest first when no order is asked for', async () => {
      const { store } = await filled();
      expect((await titlesOf(store, {}))[0]).toBe('zoë Ärger');
    });

    it('finds a keyword anywhere in the title, whatever its case, and takes it literally', async () => {
      const { store } = await filled();
      const sort: DagSort = 'title';
      expect(await titlesOf(store, { keyword: 'report', sort })).toEqual(['Delta report', 'REPORT two']);
      expect(await titlesOf(store, { keyword: 'ÄRG' })).toEqual(['zoë Ärger']);
      expect(await titlesOf(store, { keyword: 'ë' })).toEqual(['zoë Ärger']);
      expect(await titlesOf(store, { keyword: '_b%' })).toEqual(['a_b%c']);
      expect(await titlesOf(store, { keyword: 'beta OR alpha' })).toEqual([]);
      for (const odd of ['"', '""""', '*', 'a"b', 'report"', '\u0000\u0000\u0000', "'--", '\ud800abc'])
        expect(await titlesOf(store, { keyword: odd })).toEqual([]);
      expect(await titlesOf(store, { keyword: '' })).toHaveLength(titles.length);
    });

    it('holds every filter at once', async () => {
      const { store } = await filled();
      expect(await titlesOf(store, { status: 'stopped', sort: 'title' })).toEqual([
        'beta',
        'Delta report',
        'zoë Ärger',
      ]);
      expect(await titlesOf(store, { trigger: 'cron' })).toEqual(['Alpha']);
      expect(await titlesOf(store, { tag: 'early', createdBy: 'ann', sort: 'title' })).toEqual(['beta', 'gamma']);
      expect(await titlesOf(store, { tag: 'n2', keyword: 'gam', trigger: 'manual', status: 'normal' })).toEqual([
        'gamma',
      ]);
      expect(await titlesOf(store, { tag: 'n2', status: 'stopped' })).toEqual([]);
      for (const odd of ['\u0000', 'ann\u0000', '\udfff', ''])
        for (const field of ['tag', 'createdBy', 'trigger'] as const)
          expect(await titlesOf(store, { [field]: odd })).toEqual([]);
    });

    it('refuses a cursor of another order and one that is none', async () => {
      const { store } = await filled();
      const { nextCursor } = await store.list(ACME, { sort: 'title' }, { limit: 1 });
      const other = store.list(ACME, { sort: '-title' }, { limit: 1, cursor: nextCursor! });
      await expect(other).rejects.toThrow(RequestInvalid);
      await expect(store.list(ACME, {}, { limit: 1, cursor: 'nonsense' })).rejects.toThrow(RequestInvalid);
    });

    it('lists versions from the highest, by number and not by text', async () => {
      const store = await open();
      let { dag } = await store.create(aDag());
      for (const version of ['v0.2.0', 'v0.10.0', 'v1.0.0'])
        dag = await store.update({ ...dag, version, changeLog: version }, dag.revision, { publish: true });
      const first = await store.versions(ACME, dag.id, { limit: 3, count: true });
      expect(first.items.map(({ version }) => version)).toEqual(['v1.0.0', 'v0.10.0', 'v0.2.0']);
      expect(first.total).toBe(4);
      expect(Object.keys(first.items[0]!)).not.toContain('content');
      const second = await store.versions(ACME, dag.id, { limit: 3, cursor: first.nextCursor! });
      expect(second.items.map(({ version }) => version)).toEqual(['v0.0.0']);
      expect(second.nextCursor).toBeNull();
    });
  });
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
