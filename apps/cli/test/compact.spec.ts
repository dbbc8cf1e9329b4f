import { statSync } from 'node:fs';
import { CliWorld } from './cli-world';

describe('flowctl compact', () => {
  let world: CliWorld;
  beforeEach(async () => (world = await CliWorld.open()));
  afterEach(() => world.close());

  it('writes the databases of a folder anew that nobody uses', async () => {
    await world.fill();
    const { code, out } = await world.run(['compact', '--json']);
    expect(code).toBe(0);
    const { files } = JSON.parse(out) as { files: readonly { name: string; bytes: number }[] };
    expect(files.map(({ name }) => name)).toEqual(['documents.db', 'relational.db']);
    for (const { name, bytes } of files) expect(statSync(world.path('data', name)).size).toBe(bytes);
    expect((await world.run(['compact'])).out).toMatch(/documents\.db +\d+.* -> \d+/);
    expect((await world.run(['doctor', '--json'])).code).toBe(0);
    await world.serve();
  });

  it('refuses while the service runs, and without data', async () => {
    expect(await world.run(['compact'])).toMatchObject({ code: 1, out: '' });
    await world.serve();
    const refused = await world.run(['compact']);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('is in use: stop the service first.');
  });
});
