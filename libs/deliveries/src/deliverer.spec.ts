import { SqliteDeliveryStore, SqliteWebhookSecretStore, openDocuments } from '@flow/adapters/embedded';
import type { Database } from '@flow/adapters/sqlite';
import { PERMISSIONS, type Caller } from '@flow/auth';
import { IdGenerator, type DomainId, type PrincipalId, type TokenId } from '@flow/kernel';
import { HttpClient, armFailpoint } from '@flow/platform';
import { SecretBox } from '@flow/secrets';
import { aDelivery } from '@flow/testing/deliveries';
import { FixedClock, SeededRandom, settle } from '@flow/testing/kernel';
import { localServer, type Hit, type LocalServer } from '@flow/testing/platform';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ATTEMPT_MS, MOST_AT_ONCE, MOST_OF_A_DOMAIN, MOST_OF_A_LANE, type DeliveryOutcome } from './deliverer';
import type { NewDelivery } from './delivery';
import { Delivering } from './delivering';
import { signatureOf } from './signature';

const DAY = 24 * 3_600_000;
const ACME = 'acme' as DomainId;
const ann: Caller = {
  principal: 'ann' as PrincipalId,
  tokenId: 'T' as TokenId,
  domain: ACME,
  permissions: new Set(PERMISSIONS),
};

/** Waits, without the test's clock, for what real sockets bring about. */
async function comesTrue(fact: () => boolean): Promise<void> {
  for (const endMs = Date.now() + 20_000; !fact();) {
    if (Date.now() > endMs) throw new Error('It did not come about.');
    await settle();
  }
}

/** A deliverer on a real store and real sockets, and a clock that the test moves. */
class World {
  readonly clock = new FixedClock();
  readonly outcomes: DeliveryOutcome[] = [];
  readonly faults: unknown[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'deliverer-'));
  db!: Database;
  store!: SqliteDeliveryStore;
  http!: HttpClient;
  delivering!: Delivering;

  constructor(private readonly allow: readonly string[] = ['127.0.0.1', 'localhost']) {}

  async start(): Promise<this> {
    const { clock } = this;
    const random = new SeededRandom(7);
    this.db = openDocuments(this.folder);
    this.store = new SqliteDeliveryStore(this.db);
    this.http = new HttpClient({ allow: this.allow, clock });
    this.delivering = new Delivering(
      {
        store: this.store,
        secretStore: new SqliteWebhookSecretStore(this.db),
        box: new SecretBox([new Uint8Array(32)], random),
        http: this.http,
        clock,
        random,
        ids: new IdGenerator(clock, random),
      },
      { onFault: (error) => this.faults.push(error), onAttempt: (outcome) => this.outcomes.push(outcome) },
    );
    await this.delivering.deliverer.start();
    return this;
  }

  /** As kill -9 would end it. */
  async crash(): Promise<void> {
    await this.delivering.deliverer.stop(0);
    await this.http.close();
    this.db.close();
  }

  async add(change: Partial<NewDelivery>): Promise<NewDelivery> {
    const delivery = aDelivery(change);
    await this.delivering.deliveries.add(delivery);
    return delivery;
  }

  stateOf({ domain, instance }: NewDelivery) {
    return this.store.stateOf(domain, instance);
  }

  /** As many attempts as these have come to an end. */
  attempts(count: number): Promise<void> {
    return comesTrue(() => this.outcomes.length >= count);
  }

  async close(): Promise<void> {
    await this.crash();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const answering =
  (...statuses: number[]) =>
  (_hit: Hit, response: ServerResponse) => {
    response.statusCode = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200;
    response.end();
  };

describe('The deliverer', () => {
  let world: World;
  let servers: LocalServer[] = [];
  const aServer = async (answer?: (hit: Hit, response: ServerResponse) => void) => {
    const server = await localServer(answer);
    servers.push(server);
    return server;
  };
  beforeEach(async () => (world = await new World().start()));
  afterEach(async () => {
    armFailpoint(undefined);
    await world.close();
    await Promise.all(servers.map((server) => server.close()));
    servers = [];
  });

  it('posts what it was given, signed, and is done with it when it is taken', async () => {
    const server = await aServer(answering(204));
    const delivery = await world.add({ url: `${server.url}/done?key=k` });
    await world.attempts(1);
    const { method, url, headers, body } = server.hits[0]!;
    expect([method, url, body]).toEqual(['POST', '/done?key=k', delivery.body]);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': delivery.id });
    const { value } = (await world.delivering.secrets.read(ann))[0]!;
    const timestamp = Number(headers['webhook-timestamp']);
    expect(timestamp).toBe(world.clock.now().getTime() / 1000);
    expect(headers['webhook-signature']).toBe(signatureOf(value, delivery.id, timestamp, delivery.body));
    expect(await world.stateOf(delivery)).toMatchObject({ status: 'delivered', attempts: 1, nextAt: null });
    await world.clock.advance(2 * DAY);
    expect([server.hits.length, world.outcomes]).toEqual([1, ['delivered']]);
  });

  it('sends the same again after longer and longer pauses, with a time of its own, until it is taken', async () => {
    const server = await aServer(answering(500, 503, 200));
    const delivery = await world.add({ url: server.url });
    await world.attempts(1);
    const { nextAt, ...state } = (await world.stateOf(delivery))!;
    expect(state).toMatchObject({ status: 'pending', attempts: 1, lastError: 'The receiver answered 500.' });
    const firstMs = Date.parse(nextAt!) - world.clock.now().getTime();
    expect(firstMs).toBeGreaterThanOrEqual(4_000);
    expect(firstMs).toBeLessThanOrEqual(6_000);
    await world.clock.advance(firstMs - 1);
    expect(server.hits).toHaveLength(1);
    await world.clock.advance(1);
    await world.attempts(2);
    await world.clock.advance(36_000);
    await world.attempts(3);
    expect(world.outcomes).toEqual(['retried', 'retried', 'delivered']);
    expect(new Set(server.hits.map(({ headers, body }) => `${String(headers['webhook-id'])} ${body}`)).size).toBe(1);
    const times = server.hits.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(4);
    expect(new Set(server.hits.map(({ headers }) => headers['webhook-signature'])).size).toBe(3);
    expect((await world.stateOf(delivery))?.attempts).toBe(3);
  });

  it.each(['600', 'Thu, 01 Jan 2026 00:10:00 GMT'])('waits as long as Retry-After says: %s', async (wish) => {
    const server = await aServer((_hit, response) => response.writeHead(429, { 'retry-after': wish }).end());
    const delivery = await world.add({ url: server.url });
    await world.attempts(1);
    expect((await world.stateOf(delivery))?.nextAt).toBe('2026-01-01T00:10:00.000Z');
    await world.clock.advance(599_999);
    expect(server.hits).toHaveLength(1);
    await world.clock.advance(1);
    await world.attempts(2);
  });

  it('gives up at once what is gone', async () => {
    const server = await aServer(answering(410));
    const delivery = await world.add({ url: server.url });
    await world.attempts(1);
    expect(world.outcomes).toEqual(['dead']);
    expect(await world.delivering.deadLetters.get(ann, delivery.id)).toMatchObject({
      attempts: 1,
      lastError: 'The receiver answered 410: it is gone.',
      body: delivery.body,
    });
  });

  it('follows no redirect', async () => {
    const target = await aServer();
    const server = await aServer((_hit, response) => response.writeHead(307, { location: target.url }).end());
    const delivery = await world.add({ url: server.url });
    await world.attempts(1);
    expect(await world.stateOf(delivery)).toMatchObject({
      status: 'pending',
      lastError: 'The receiver answered 307: redirects are not followed.',
    });
    expect(target.connections()).toBe(0);
  });

  it('gives up at once what it may not call, without a connection', async () => {
    const strict = await new World([]).start();
    const server = await aServer();
    for (const host of ['127.0.0.1', 'localhost']) {
      const delivery = await strict.add({ url: `http://${host}:${server.port}/` });
      await comesTrue(() => strict.outcomes.length > 0);
      expect([strict.outcomes.splice(0), (await strict.stateOf(delivery))?.lastError]).toEqual([
        ['dead'],
        expect.stringContaining('OUTBOUND_ALLOW'),
      ]);
    }
    expect(server.connections()).toBe(0);
    await strict.close();
  });

  it('gives up after eleven attempts within about a day; an address can be changed, and it goes on under its id', async () => {
    const broken = await aServer(answering(500));
    const whole = await aServer();
    const delivery = await world.add({ url: `${broken.url}/x?key=k` });
    const beganMs = world.clock.now().getTime();
    for (let count = 1; count <= 11; count += 1) {
      await world.attempts(count);
      const { nextAt } = (await world.stateOf(delivery))!;
      if (nextAt !== null) await world.clock.advance(Date.parse(nextAt) - world.clock.now().getTime());
    }
    const tookMs = world.clock.now().getTime() - beganMs;
    expect(tookMs).toBeGreaterThan(0.75 * DAY);
    expect(tookMs).toBeLessThan(1.25 * DAY);
    expect(world.outcomes).toEqual([...Array.from({ length: 10 }, () => 'retried'), 'dead']);
    await world.clock.advance(3 * DAY);
    expect(broken.hits).toHaveLength(11);
    const { deadLetters } = world.delivering;
    const { items } = await deadLetters.list(ann, {}, { limit: 10 });
    expect(items).toMatchObject([{ id: delivery.id, attempts: 11, lastError: 'The receiver answered 500.' }]);

    expect(await deadLetters.redirect(ann, delivery.id, whole.url)).toMatchObject({ url: `${whole.url}/` });
    expect(await deadLetters.redrive(ann, [delivery.id])).toEqual([{ id: delivery.id, ok: true }]);
    await world.attempts(12);
    expect(whole.hits[0]).toMatchObject({ body: delivery.body, headers: { 'webhook-id': delivery.id } });
    expect(await world.stateOf(delivery)).toMatchObject({ status: 'delivered', attempts: 1 });
    expect((await deadLetters.list(ann, {}, { limit: 10 })).items).toEqual([]);
    expect(await deadLetters.redrive(ann, [delivery.id])).toMatchObject([
      { ok: false, error: { code: 'dead_letter.not_found' } },
    ]);
  });

  it('does not let one that hangs delay another', async () => {
    const hanging = await aServer(() => undefined);
    const quick = await aServer();
    const stuck = await Promise.all(Array.from({ length: 10 }, () => world.add({ url: hanging.url })));
    await comesTrue(() => hanging.hits.length === MOST_OF_A_LANE);
    const others = await Promise.all(Array.from({ length: 30 }, () => world.add({ url: quick.url })));
    await world.attempts(30);
    for (const one of others) expect((await world.stateOf(one))?.status).toBe('delivered');
    expect(hanging.hits).toHaveLength(MOST_OF_A_LANE);
    await world.clock.advance(ATTEMPT_MS);
    await world.attempts(34);
    expect((await world.stateOf(stuck[0]!))?.lastError).toMatch(/did not answer within 15000 ms/);
    // It failed: from now on one at a time.
    await comesTrue(() => hanging.hits.length === MOST_OF_A_LANE + 1);
    await settle();
    expect([hanging.hits.length, world.delivering.deliverer.underWay]).toEqual([MOST_OF_A_LANE + 1, 1]);
  });

  it('comes back to each of a lane at its own time, also when the one before was taken early', async () => {
    const server = await aServer(answering(500));
    const late = await world.add({ url: server.url });
    const early = await world.add({ url: server.url });
    await world.attempts(2);
    const at = async (one: NewDelivery, seconds: number) =>
      world.store.postpone(one.id, {
        attempts: 1,
        nextAt: new Date(world.clock.now().getTime() + seconds * 1000),
        lastError: 'x',
      });
    await Promise.all([at(late, 3_000), at(early, 1_000)]);
    await world.clock.advance(1_000_000);
    await world.attempts(3);
    await at(early, 90_000);
    await world.clock.advance(1_999_999);
    expect(server.hits).toHaveLength(3);
    await world.clock.advance(1);
    await world.attempts(4);
    expect(server.hits.map(({ headers }) => headers['webhook-id']).slice(2)).toEqual([early.id, late.id]);
  });

  it('does not let one business domain take all there is, though it has many destinations that hang', async () => {
    const hanging = await Promise.all(Array.from({ length: 8 }, () => aServer(() => undefined)));
    for (const { url } of hanging) for (let i = 0; i < 6; i += 1) await world.add({ url });
    const arrived = () => hanging.reduce((sum, { hits }) => sum + hits.length, 0);
    await comesTrue(() => arrived() === MOST_OF_A_DOMAIN);
    const quick = await aServer();
    await world.add({ url: quick.url, domain: 'other' as DomainId });
    await world.attempts(1);
    expect([arrived(), world.delivering.deliverer.underWay]).toEqual([MOST_OF_A_DOMAIN, MOST_OF_A_DOMAIN]);
    expect(MOST_OF_A_DOMAIN).toBeLessThan(MOST_AT_ONCE);
  });

  it('is content with the status, however long the answer is', async () => {
    const server = await aServer((_hit, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const more = () => {
        while (response.writable && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    await world.add({ url: server.url });
    await world.attempts(1);
    expect(world.outcomes).toEqual(['delivered']);
  });

  it('goes on after a restart where it was, and with what came while it was not there', async () => {
    const server = await aServer(answering(500, 200));
    const failed = await world.add({ url: server.url });
    await world.attempts(1);
    const before = await world.stateOf(failed);
    await world.crash();
    await world.start();
    expect(await world.stateOf(failed)).toEqual(before);
    const behind = aDelivery({ url: server.url });
    await world.store.add(behind, world.clock.now());
    await world.clock.advance(6_001);
    await world.attempts(3);
    expect(world.outcomes).toEqual(['retried', 'delivered', 'delivered']);
    expect((await world.stateOf(failed))?.attempts).toBe(2);
  });

  it.each(['before', 'commit', 'after'])(
    'sends again what was sent and not written down, when it dies %s that; under the same id',
    async (moment) => {
      const server = await aServer();
      armFailpoint(`delivery.settle.${moment}:throw`);
      const delivery = await world.add({ url: server.url });
      await comesTrue(() => world.faults.length === 1);
      await world.crash();
      await world.start();
      await comesTrue(() => moment === 'after' || world.outcomes.length === 1);
      expect(await world.stateOf(delivery)).toMatchObject({ status: 'delivered', attempts: 1 });
      const sent = server.hits.map(({ headers }) => headers['webhook-id']);
      expect(sent).toEqual(moment === 'after' ? [delivery.id] : [delivery.id, delivery.id]);
    },
  );

  it('does not lose the count of an attempt that its store did not take at once', async () => {
    const server = await aServer(answering(500));
    armFailpoint('delivery.postpone.before:throw');
    const delivery = await world.add({ url: server.url });
    await comesTrue(() => world.faults.length === 1);
    await world.clock.advance(1_000);
    await world.attempts(1);
    expect([server.hits.length, (await world.stateOf(delivery))?.attempts]).toEqual([1, 1]);
  });

  it('lets what is under way end when it stops, for a while, and cuts it off then', async () => {
    const held: ServerResponse[] = [];
    const server = await aServer((_hit, response) => void held.push(response));
    const [first, second] = [await world.add({ url: server.url }), await world.add({ url: server.url })];
    await comesTrue(() => held.length === 2);
    const stopped = world.delivering.deliverer.stop(5_000);
    held[0]!.end();
    await world.attempts(1);
    await world.clock.advance(5_000);
    await stopped;
    const states = await Promise.all([first, second].map((one) => world.stateOf(one)));
    expect(states.map((state) => state?.status).sort()).toEqual(['delivered', 'pending']);
    expect(states.find((state) => state?.status === 'pending')?.attempts).toBe(0);
  });

  it('signs with both secrets for a while after a rotation, and with the new one from then on', async () => {
    const server = await aServer();
    const { secrets } = world.delivering;
    const valid = async ({ headers, body }: Hit) => {
      const signatures = String(headers['webhook-signature']).split(' ');
      const live = await secrets.read(ann);
      const wanted = live.map(({ value }) =>
        signatureOf(value, String(headers['webhook-id']), Number(headers['webhook-timestamp']), body),
      );
      expect(signatures).toEqual(wanted);
      return signatures.length;
    };
    const [old] = await secrets.read(ann);
    const rotated = await secrets.rotate(ann, 60_000);
    expect(rotated.map(({ value }) => value === old!.value)).toEqual([false, true]);
    expect(rotated[1]).toMatchObject({ id: old!.id, expiresAt: '2026-01-01T00:01:00.000Z' });
    await world.add({ url: server.url });
    await world.attempts(1);
    expect(await valid(server.hits[0]!)).toBe(2);
    await world.clock.advance(60_000);
    await world.add({ url: server.url });
    await world.attempts(2);
    expect(await valid(server.hits[1]!)).toBe(1);
    expect(await secrets.rotate(ann, 0)).toHaveLength(1);
  });

  it('makes one secret for each business domain, though many ask at once', async () => {
    const { secrets } = world.delivering;
    const other = { ...ann, domain: 'other' as DomainId };
    const all = await Promise.all([ann, ann, other, ann].map((who) => secrets.read(who)));
    expect(new Set(all.map(([first]) => first?.value)).size).toBe(2);
    expect(all[0]![0]!.value).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const text = JSON.stringify(world.db.all('SELECT * FROM webhook_secrets'));
    for (const [secret] of all) expect(text).not.toContain(secret!.value.slice(6));
  });

  it('shows dead letters and secrets to those who may, of their own domain', async () => {
    const server = await aServer(answering(410));
    const { id } = await world.add({ url: server.url });
    await world.attempts(1);
    const { deadLetters, secrets } = world.delivering;
    const stranger = { ...ann, domain: 'other' as DomainId };
    for (const work of [
      () => deadLetters.get(stranger, id),
      () => deadLetters.redirect(stranger, id, server.url),
      () => deadLetters.remove(stranger, id),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'dead_letter.not_found' });
    expect(await deadLetters.redrive(stranger, [id])).toMatchObject([{ ok: false }]);
    expect(await deadLetters.redriveAll(stranger, {})).toEqual({ items: [], more: false });
    const nobody = { ...ann, permissions: new Set<never>() };
    for (const work of [
      () => deadLetters.list(nobody, {}, { limit: 1 }),
      () => deadLetters.get(nobody, id),
      () => deadLetters.redirect(nobody, id, server.url),
      () => deadLetters.remove(nobody, id),
      () => deadLetters.redrive(nobody, [id]),
      () => deadLetters.redriveAll(nobody, {}),
      () => secrets.read(nobody),
      () => secrets.rotate(nobody, 0),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'permission.missing' });
    expect(await deadLetters.redriveAll(ann, { host: new URL(server.url).host })).toEqual({
      items: [{ id, ok: true }],
      more: false,
    });
  });

  it.each([
    ['callback_url.invalid', 'ftp://x.example/'],
    ['callback_url.invalid', 'file:///etc/passwd'],
    ['callback_url.invalid', 'nonsense'],
    ['callback_url.invalid', 'https://user:pass@x.example/'],
    ['callback_url.invalid', `https://x.example/${'x'.repeat(2_048)}`],
    ['callback_url.invalid', `https://x.example/${'ü'.repeat(1_000)}`],
    ['callback_url.blocked', 'http://10.0.0.1/'],
    ['callback_url.blocked', 'http://0x7f.2/'],
    ['callback_url.blocked', 'http://[::ffff:169.254.169.254]/'],
  ])('refuses as %s an address that is none (%#)', (code, url) => {
    const { deliveries } = world.delivering;
    let error: unknown;
    try {
      deliveries.checkUrl(url, '/callbackUrl');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ kind: 'invalid', code, faults: [{ pointer: '/callbackUrl', code }] });
  });

  it('keeps an address without what is never sent', () => {
    expect(world.delivering.deliveries.checkUrl('HTTPS://X.example:443/a b?c=ü#d', '')).toBe(
      'https://x.example/a%20b?c=%C3%BC',
    );
  });
});
