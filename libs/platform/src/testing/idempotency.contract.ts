import type { DomainId, PrincipalId } from '@flow/kernel';
import {
  IDEMPOTENCY_KEEP_MS,
  type IdempotencyScope,
  type IdempotencyStanding,
  type IdempotencyStore,
  type IdempotentRequest,
} from '@flow/platform';

const NOON = new Date('2026-01-01T12:00:00.000Z');
const later = (ms: number): Date => new Date(NOON.getTime() + ms);

export function anIdempotentRequest(change: Partial<IdempotentRequest> = {}): IdempotentRequest {
  return {
    domain: 'public' as DomainId,
    principal: 'alice' as PrincipalId,
    route: 'POST /dags',
    key: 'key-1',
    bodyHash: 'hash-1',
    newId: '01AAAAAAAAAAAAAAAAAAAAAAAA',
    holder: 'process-1',
    leaseMs: 30_000,
    now: NOON,
    ...change,
  };
}

const ANSWER = {
  status: 201,
  headers: { location: '/dags/1', etag: '"1"' },
  body: '{"id":"1","title":"Ümläut \\u0000"}',
};

/** What every IdempotencyStore keeps; `open` gives an empty one and, where there is something to close, how. */
export function idempotencyStoreContract(
  name: string,
  open: () => Promise<{ store: IdempotencyStore; close?: () => Promise<void> | void }>,
): void {
  describe(`${name} as an IdempotencyStore`, () => {
    let store: IdempotencyStore;
    let close: (() => Promise<void> | void) | undefined;

    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(async () => {
      await close?.();
    });

    const first = anIdempotentRequest();
    const scopeOf = ({ domain, principal, route, key }: IdempotentRequest): IdempotencyScope => ({
      domain,
      principal,
      route,
      key,
    });

    it('reserves the id of the first request', async () => {
      expect(await store.begin(first)).toEqual({ kind: 'new', reservedId: first.newId });
    });

    it('gives the kept answer to the same request', async () => {
      await store.begin(first);
      await store.finish(scopeOf(first), ANSWER);
      expect(await store.begin({ ...first, newId: 'other', holder: 'process-2' })).toEqual({
        kind: 'done',
        answer: ANSWER,
      });
    });

    it('refuses another request under the same key, answered or not', async () => {
      await store.begin(first);
      expect(await store.begin({ ...first, bodyHash: 'hash-2' })).toEqual({ kind: 'mismatch' });
      await store.finish(scopeOf(first), ANSWER);
      expect(await store.begin({ ...first, bodyHash: 'hash-2' })).toEqual({ kind: 'mismatch' });
    });

    it('lets the same holder resume with the id that was reserved', async () => {
      await store.begin(first);
      expect(await store.begin({ ...first, newId: 'other' })).toEqual({ kind: 'resume', reservedId: first.newId });
    });

    it('keeps another holder out while the lease runs, and lets it resume afterwards', async () => {
      await store.begin(first);
      const second = { ...first, newId: 'other', holder: 'process-2' };
      expect(await store.begin({ ...second, now: later(29_999) })).toEqual({ kind: 'in_progress' });
      expect(await store.begin({ ...second, now: later(30_000) })).toEqual({ kind: 'resume', reservedId: first.newId });
      expect(await store.begin({ ...first, now: later(30_001) })).toEqual({ kind: 'in_progress' });
    });

    it('takes the lease anew when the holder resumes', async () => {
      await store.begin(first);
      await store.begin({ ...first, now: later(20_000) });
      expect(await store.begin({ ...first, holder: 'process-2', now: later(45_000) })).toEqual({ kind: 'in_progress' });
    });

    it('frees a key whose request had no effect', async () => {
      await store.begin(first);
      await store.forget(scopeOf(first));
      const again = { ...first, bodyHash: 'hash-2', newId: 'other' };
      expect(await store.begin(again)).toEqual({ kind: 'new', reservedId: 'other' });
    });

    it('never forgets an answer', async () => {
      await store.begin(first);
      await store.finish(scopeOf(first), ANSWER);
      await store.forget(scopeOf(first));
      expect(await store.begin(first)).toEqual({ kind: 'done', answer: ANSWER });
    });

    it('lets the first answer stand', async () => {
      await store.begin(first);
      await store.finish(scopeOf(first), ANSWER);
      await store.finish(scopeOf(first), { status: 202, headers: {}, body: '{}' });
      expect(await store.begin(first)).toEqual({ kind: 'done', answer: ANSWER });
    });

    it('keeps nothing for a key that no request began', async () => {
      await store.finish(scopeOf(first), ANSWER);
      expect((await store.begin(first)).kind).toBe('new');
    });

    it.each<[string, Partial<IdempotentRequest>]>([
      ['domains', { domain: 'acme' as DomainId }],
      ['principals', { principal: 'bob' as PrincipalId }],
      ['routes', { route: 'POST /dags/:id/run' }],
      ['keys', { key: 'KEY-1' }],
    ])('keeps %s apart', async (_what, change) => {
      await store.begin(first);
      await store.finish(scopeOf(first), ANSWER);
      const other = { ...first, bodyHash: 'hash-2', newId: 'other', ...change };
      expect(await store.begin(other)).toEqual({ kind: 'new', reservedId: 'other' });
    });

    it('treats a record of 24 hours as free', async () => {
      await store.begin(first);
      await store.finish(scopeOf(first), ANSWER);
      const repeat = { ...first, newId: 'other' };
      expect((await store.begin({ ...repeat, now: later(IDEMPOTENCY_KEEP_MS - 1) })).kind).toBe('done');
      const asNew: IdempotencyStanding = { kind: 'new', reservedId: 'other' };
      expect(await store.begin({ ...repeat, bodyHash: 'hash-2', now: later(IDEMPOTENCY_KEEP_MS) })).toEqual(asNew);
    });

    it('gives the key to exactly one of many that begin at once', async () => {
      const standings = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.begin({ ...first, newId: `id-${i}`, holder: `process-${i}` })),
      );
      expect(standings.filter(({ kind }) => kind === 'new')).toHaveLength(1);
      expect(standings.filter(({ kind }) => kind === 'in_progress')).toHaveLength(19);
    });

    it('purges what is too old, in steps, and nothing else', async () => {
      for (let i = 0; i < 5; i += 1) await store.begin({ ...first, key: `old-${i}` });
      await store.begin({ ...first, key: 'young', now: later(1_000) });
      const now = later(IDEMPOTENCY_KEEP_MS);
      expect(await store.purge(now, 3)).toBe(3);
      expect(await store.purge(now, 3)).toBe(2);
      expect(await store.purge(now, 3)).toBe(0);
      expect((await store.begin({ ...first, key: 'young', now })).kind).toBe('resume');
    });
  });
}
