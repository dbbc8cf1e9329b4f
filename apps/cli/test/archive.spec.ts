import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { CliWorld, aFlow } from './cli-world';

let world: CliWorld;
beforeAll(async () => {
  world = await CliWorld.open();
  await world.serve();
});
afterAll(() => world.close());

/** What ended last. */
let lastEnd = '';
/** A moment behind every end until now, and one that has come: only the past is archived. */
async function until(): Promise<string> {
  const behind = Date.parse(lastEnd) + 1;
  while (Date.now() < behind) await new Promise(setImmediate);
  return new Date(behind).toISOString();
}
const recordsOf = (bytes: Buffer) =>
  bytes
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { record: string; id?: string; title?: string });

async function ran(title: string, count: number): Promise<string[]> {
  const { id } = (await world.call('/dags', aFlow(title))) as { id: string };
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const ended = (await world.call(`/dags/${id}/run?wait=PT30S`, {})) as { id: string; endedAt: string };
    ids.push(ended.id);
    lastEnd = ended.endedAt;
  }
  return ids;
}

describe('flowctl archive', () => {
  it('keeps ended runs in a compressed file, and removes them when it is told to', async () => {
    const ids = await ran('To be archived', 3);
    const others = await ran('Not archived', 1);
    const args = ['archive', '--before', await until(), '--dag', 'To be archived', '--out', 'runs.ndjson.gz'];
    const kept = await world.run(args);
    expect(kept).toMatchObject({ code: 0, out: '' });
    expect(kept.err).toMatch(/^Archived 3 runs that ended before .*runs\.ndjson\.gz\.\n$/);
    const records = recordsOf(gunzipSync(readFileSync(world.path('runs.ndjson.gz'))));
    expect(records.filter(({ record }) => record === 'instance').map(({ id }) => id)).toEqual(ids);
    expect(records.at(-1)?.record).toBe('end');

    expect(await world.run(args)).toMatchObject({ code: 6 });
    const removed = await world.run([...args, '--force', '--purge', '--json']);
    expect([removed.code, JSON.parse(removed.out)]).toMatchObject([0, { instances: 3, purged: 3 }]);
    expect((await world.run(['get', ids[0] ?? ''])).code).toBe(5);
    const { out } = await world.run(['instances', '--json']);
    expect((JSON.parse(out) as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual(others);
  });

  it('writes plain lines into a file that is not called .gz, also when there is nothing', async () => {
    const { code, err } = await world.run(['archive', '--before', '100000d', '--out', 'none.ndjson']);
    expect([code, err]).toEqual([0, expect.stringContaining('Archived 0 runs')]);
    expect(readFileSync(world.path('none.ndjson'), 'utf8')).toBe('{"record":"end","nextCursor":null}\n');
  });

  it('leaves no file and removes nothing when it is refused', async () => {
    for (const args of [
      ['--before', 'tomorrow', '--out', 'refused.gz'],
      ['--before', '2999-01-01T00:00:00Z', '--out', 'refused.gz', '--purge'],
      ['--before', '1d', '--dag', 'Nobody knows it', '--out', 'refused.gz'],
      ['--before', '1d'],
      ['--out', 'refused.gz'],
    ])
      expect((await world.run(['archive', ...args])).code).not.toBe(0);
    expect(existsSync(world.path('refused.gz'))).toBe(false);
    expect(existsSync(world.path('refused.gz.unfinished'))).toBe(false);
    writeFileSync(world.path('taken.gz'), 'mine');
    expect((await world.run(['archive', '--before', '1d', '--out', 'taken.gz'])).code).toBe(6);
    expect(readFileSync(world.path('taken.gz'), 'utf8')).toBe('mine');
  });
});
