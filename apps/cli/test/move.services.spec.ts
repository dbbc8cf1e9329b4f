import { Database } from '@flow/adapters/sqlite';
import { createConnection } from 'mongoose';
import type { Service } from '../../../test/service';
import { contentOf, until } from './cli-world';
import { MoveWorld, callBack, statusIs, step } from './move-world';

const RUNS = 40;

interface Runs {
  readonly ended: readonly string[];
  readonly inFlight: string;
  readonly timed: string;
  readonly answered: string;
  readonly callback: string;
  readonly asked: string;
  readonly first: string;
  readonly queued: string;
  readonly firstCallback: string;
}

interface Made extends Runs {
  readonly dags: Readonly<Record<string, string>>;
  readonly upload: string;
}

/** All that a folder can hold, by its API; at the end runs that wait for each thing that one can wait for. */
async function fill(world: MoveWorld, service: Service): Promise<Made> {
  const { outside } = world;
  const dags: Record<string, string> = {};
  const define = async (title: string, steps: readonly object[], more: object = {}) => {
    const all = [step('0', '@trigger/manual'), ...steps];
    dags[title] = (await service.must<{ id: string }>('POST', '/dags', { title, steps: all, ...more })).id;
  };
  const run = async (title: string, body: object = {}, headers: Record<string, string> = {}) =>
    (await service.must<{ id: string }>('POST', `/dags/${dags[title]}/run`, body, headers)).id;
  const call = (id: string, path: string, body: object = {}) =>
    step(id, '@http/request', { url: `${outside.url}${path}`, method: 'POST', body });

  await service.must('POST', '/secrets', { name: 'api_key', value: 'sesame-4711', hosts: ['127.0.0.1'] });
  await service.must('POST', '/variables', { name: 'city', value: { name: 'Köln', at: [50.9, 6.9] } });
  await service.must('POST', '/me/tokens', { name: 'laptop', permissions: ['dag.view'] });
  await service.must('GET', '/webhook-secret');
  // No run has named it.
  const upload = (await service.must<{ id: string }>('POST', '/files?name=n.json', { kept: true })).id;
  await define('plain', [step('1', '@internal/return', { hello: '{{trigger.name}}', city: '{{variables.city}}' })]);
  await define('large', [call('1', '/big'), step('2', '@internal/return', { all: '{{__1.body.all}}' })]);
  await define('fails', [call('1', '/gone')]);
  const hang = { url: `${outside.url}/hang`, method: 'POST', headers: { 'x-api-key': '{{secrets.api_key}}' } };
  await define('in flight', [step('1', '@http/request', hang), step('2', '@internal/return', { done: true })]);
  await define('timed', [
    step('1', '@control/wait', { duration: 'PT8S' }),
    step('2', '@internal/return', { on: 'time' }),
  ]);
  const answer = step('answer', '@control/callback');
  const sent = call('1', '/address', { url: '{{callbacks.answer.url}}' });
  await define('answered', [sent, answer, step('end', '@internal/return', { got: '{{__answer.body}}' })]);
  await define('asked', [
    step('1', '@control/approval', { assignees: ['admin'] }),
    step('2', '@internal/return', { ok: '{{__1}}' }),
  ]);
  await define('one at a time', [sent, answer], { concurrency: { max: 1, onFull: 'queue' } });
  await define('deleted', [step('1', '@internal/return', { gone: true })]);
  await service.must('PUT', `/dags/${dags.plain}`, {
    title: 'plain',
    description: 'changed',
    steps: [step('0', '@trigger/manual'), step('1', '@internal/return', { hello: '{{trigger.name}}', v: 2 })],
    tags: ['moved', 'ü'],
    changeLog: 'second',
  });

  const ended: string[] = [];
  for (let i = 0; i < RUNS; i += 1)
    ended.push(await run('plain', { data: { name: `n${i}` }, labels: { i: String(i % 3) } }));
  ended.push(await run('large'));
  ended.push(await run('plain', { callbackUrl: `${outside.url}/hook` }, { 'idempotency-key': 'the-same' }));
  ended.push(await run('plain', { callbackUrl: `${outside.url}/later` }));
  ended.push(await run('plain', { callbackUrl: `${outside.url}/gone` }));
  ended.push(await run('deleted'));
  const failed = await run('fails');
  await statusIs(service, failed, 'failed');
  ended.push(failed, (await service.must<{ id: string }>('POST', `/instances/${failed}/retry`, {})).id);
  for (const id of ended) await statusIs(service, id, 'succeeded', 'failed');
  await service.must('DELETE', `/dags/${dags.deleted}`);

  const [timed, asked] = [await run('timed'), await run('asked')];
  const answered = await run('answered');
  await until(() => outside.of('/address').length === 1);
  const first = await run('one at a time');
  await until(() => outside.of('/address').length === 2);
  const queued = await run('one at a time');
  const [callback = '', firstCallback = ''] = outside
    .of('/address')
    .map(({ body }) => (JSON.parse(body) as { url: string }).url);
  for (const id of [timed, asked, answered, first]) await statusIs(service, id, 'waiting');
  const inFlight = await run('in flight');
  await until(() => outside.of('/hang').length === 1);
  await until(() => outside.of('/later').length >= 1 && outside.of('/gone').length >= 2);
  return { dags, upload, ended, inFlight, timed, answered, callback, asked, first, queued, firstCallback };
}

/** What the API shows of all that has ended, and of what stands beside it. */
async function photo(service: Service, { ended, dags, upload }: Made): Promise<unknown> {
  const all: Record<string, unknown> = {};
  const look = async (path: string, at?: string) => {
    const { status, text } = await service.call('GET', path, undefined, {}, undefined, at);
    // What goes on: requests have numbers, and the callback that nobody takes is tried on.
    all[path] = [
      status,
      JSON.parse(text.replace(/"requestId":"[^"]*"|"attempts":\d,"nextAt":"[^"]*"/g, '"passing":0')) as unknown,
    ];
  };
  const first = ended[0] ?? '';
  for (const path of ['/dags?limit=100&count=true', '/dags?tag=moved', '/secrets', '/variables', '/webhook-secret'])
    await look(path);
  for (const more of ['', '/content']) await look(`/files/${upload}${more}`);
  for (const id of Object.values(dags))
    for (const more of ['', '/versions', '/export']) await look(`/dags/${id}${more}`);
  for (const id of ended) for (const more of ['', '/tasks', '/history', '/why']) await look(`/instances/${id}${more}`);
  await look('/instances?status=failed&limit=100&count=true');
  await look('/instances?label=i:1&limit=100&count=true');
  await look(`/dags/${dags.plain}/instances?limit=100`);
  await look(`/instances/${first}/tasks`);
  await look('/dead-letters', service.privateAddress);
  return all;
}

/** Files of the folder by their digests: the key and the values, and what else is named. What SQLite puts beside its files is no content. */
function filesOf(world: MoveWorld, more = '.key'): Record<string, string> {
  const all = Object.entries(contentOf(world.cli.dataDir));
  return Object.fromEntries(
    all.filter(([name]) => name.startsWith('blobs') || name.endsWith('.key') || name.endsWith(more)),
  );
}

describe('flowctl migrate --from embedded --to production', () => {
  let world: MoveWorld;
  beforeEach(async () => (world = await MoveWorld.open()));
  afterEach(() => world.close());

  it('moves all that a folder holds, and its runs go on there', async () => {
    const before = await world.serveFolder();
    const made = await fill(world, before);
    const seen = await photo(before, made);
    await before.kill();
    const { outside } = world;

    const counted = await world.move({}, '--dry-run');
    expect(counted).toMatchObject({ code: 0, out: expect.stringContaining('The servers are empty.') as string });
    const moved = await world.move();
    expect(moved).toMatchObject({ code: 0 });
    expect(moved.out).not.toContain('DIFFERS');
    expect((await world.move()).out).toContain('Nothing was changed.');
    // The servers are of the folder's installation.
    const folder = Database.open(world.cli.path('data', 'relational.db'), { readOnly: true });
    const installation = folder.get('SELECT id FROM installation')?.id;
    folder.close();
    expect(await world.database.query('SELECT id FROM installation')).toEqual([{ id: installation }]);

    outside.isHanging = false;
    const after = await world.serveDatabases();
    expect(await photo(after, made)).toEqual(seen);
    const other = await world.serveDatabases();
    // One that was in flight at the kill is called again under the same key, with the secret.
    expect((await statusIs(other, made.inFlight, 'succeeded')).result).toEqual({ done: true });
    const [asked, again] = outside.of('/hang');
    expect(outside.of('/hang')).toHaveLength(2);
    expect(again).toEqual(asked);
    expect(asked?.secret).toBe('sesame-4711');
    expect((await statusIs(other, made.timed, 'succeeded')).result).toEqual({ on: 'time' });
    // An address that was handed out before.
    expect(await callBack(other, made.callback, { paid: true })).toBe(202);
    expect((await statusIs(after, made.answered, 'succeeded')).result).toEqual({ got: { paid: true } });
    const { items } = await other.must<{ items: readonly { id: string }[] }>('GET', '/approvals');
    expect(items).toHaveLength(1);
    await after.must('POST', `/approvals/${items[0]?.id}`, { decision: 'approved' });
    await statusIs(other, made.asked, 'succeeded');
    // A slot that gets free wakes who waited for it before.
    expect((await after.must<{ status: string }>('GET', `/instances/${made.queued}`)).status).toBe('queued');
    expect(await callBack(after, made.firstCallback, {})).toBe(202);
    await statusIs(after, made.first, 'succeeded');
    await until(() => outside.of('/address').length === 3);
    await statusIs(after, made.queued, 'waiting');
    // A key that was used before gives what it gave, and a callback that was not taken is tried on.
    const same = await after.call(
      'POST',
      `/dags/${made.dags.plain}/run`,
      { callbackUrl: `${outside.url}/hook` },
      { 'idempotency-key': 'the-same' },
    );
    expect((JSON.parse(same.text) as { id: string }).id).toBe(made.ended[RUNS + 1]);
    const fresh = await after.must<{ id: string }>('POST', `/dags/${made.dags.plain}/run`, { data: { name: 'new' } });
    expect(await statusIs(other, fresh.id, 'succeeded')).toMatchObject({ result: { hello: 'new', v: 2 } });
    await until(() => outside.of('/later').length >= 2);
  }, 300_000);

  it('goes on wherever it was cut off, and nothing is there twice', async () => {
    const before = await world.serveFolder();
    const made = await fill(world, before);
    const seen = await photo(before, made);
    await before.kill();
    const folder = filesOf(world);
    for (const point of [
      'move.begin.before',
      'move.begin.after',
      'move.put.before@2',
      'blob.piece.after',
      'blob.put.after',
      'move.put.after',
      'move.reached.before@2',
      'move.reached.after@3',
      'move.put.commit',
      'move.finish.before',
    ]) {
      expect([point, (await world.move({ FAILPOINT: point })).code]).toEqual([point, null]);
      if (point === 'move.put.after')
        await expect(world.serveDatabases()).rejects.toThrow(
          'A data folder is being moved into the database of MONGODB_URL',
        );
    }
    const last = await world.move();
    expect(last).toMatchObject({ code: 0 });
    // The log was brought into the rows; nothing else has changed.
    expect(filesOf(world)).toMatchObject(folder);
    const after = await world.serveDatabases();
    expect(await photo(after, made)).toEqual(seen);
  }, 300_000);

  it('ends at Ctrl-C and says how it goes on', async () => {
    const before = await world.serveFolder();
    await fill(world, before);
    await before.stop();
    const running = world.cli.start(['migrate', '--from', 'embedded', '--to', 'production'], world.settings());
    running.child.stderr?.once('data', () => running.child.kill('SIGINT'));
    const { code, err } = await running.ended;
    expect(code).toBe(130);
    expect(err).toContain('it goes on where it was');
    expect(await world.move()).toMatchObject({ code: 0 });
  }, 120_000);

  it('refuses what it cannot do, and changes nothing', async () => {
    const service = await world.serveFolder();
    await service.must('POST', '/secrets', { name: 'a', value: 'b' });
    const refused = async (what: string, more: Record<string, string> = {}) => {
      const { code, out, err } = await world.move(more);
      expect([code === 0, out, err]).toEqual([false, '', expect.stringContaining(what)]);
      expect(err).not.toMatch(/fault of flowctl|hidden/);
    };
    await refused('is in use: stop the service first');
    await service.stop();
    const folder = filesOf(world, '.db');
    await refused('MONGODB_URL and MARIADB_URL must name', { MONGODB_URL: '' });
    await refused('SECRETS_KEY is not set', { SECRETS_KEY: '' });
    await refused('SECRETS_KEY is another key', { SECRETS_KEY: Buffer.alloc(32, 7).toString('base64') });
    await refused('holds no data', { DATA_DIR: world.cli.path('nothing') });
    await refused('no server answers', { MONGODB_URL: 'mongodb://flow:hidden@127.0.0.1:1/flow' });
    const wrong = new URL(world.database.url);
    wrong.password = 'hidden';
    await refused('refuses the user or its password', { MARIADB_URL: wrong.href });
    await refused('cannot be reached', { MARIADB_URL: 'mysql://flow:hidden@127.0.0.1:1/flow' });
    expect(filesOf(world, '.db')).toEqual(folder);
    expect(await world.database.query('SHOW TABLES')).toEqual([]);

    const connection = await createConnection(world.mongo.href).asPromise();
    const db = connection.getClient().db(world.mongo.pathname.slice(1));
    expect(await db.listCollections().toArray()).toEqual([]);
    await db.collection<{ _id: string }>('schema').insertOne({ _id: 'documents', version: 99 } as never);
    await refused('has schema 99');
    await db.collection('schema').deleteMany({});
    await db.collection<{ _id: string }>('dags').insertOne({ _id: 'a' });
    await refused('The database of MONGODB_URL is not empty');
    await db.dropDatabase();
    await connection.close();
    await world.database.query('CREATE TABLE tokens (id INT)');
    await world.database.query('INSERT INTO tokens VALUES (1)');
    await refused('The database of MARIADB_URL is not empty');
    await world.database.query('DROP TABLE tokens');
    expect(await world.cli.run(['migrate', '--from', 'embedded'])).toMatchObject({ code: 2 });
    expect(filesOf(world, '.db')).toEqual(folder);

    expect(await world.move({ FAILPOINT: 'move.put.after' })).toMatchObject({ code: null });
    const again = await world.serveFolder();
    await again.stop();
    await refused('it was another folder, or a service has used it since');
  }, 120_000);

  it('tells what differs, and lets no service start on it', async () => {
    const service = await world.serveFolder();
    await service.must('POST', '/variables', { name: 'a', value: 1 });
    await service.stop();
    expect(await world.move({ FAILPOINT: 'move.finish.before' })).toMatchObject({ code: null });
    await world.database.query('UPDATE variables SET value = 2');
    const { code, out, err } = await world.move();
    expect(code).toBe(1);
    expect(out).toMatch(/variables +1 +1 .*DIFFERS/);
    expect(err).toContain('["public","a"]');
    await expect(world.serveDatabases()).rejects.toThrow('A data folder is being moved');
  }, 120_000);
});
