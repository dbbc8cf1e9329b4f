import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CliWorld, ROOT } from './cli-world';

let world: CliWorld;
beforeAll(async () => {
  world = await CliWorld.open();
  await world.serve();
});
afterAll(() => world.close());

describe('The client of flowctl', () => {
  it('is what the OpenAPI document of the service gives', async () => {
    const script = join(ROOT, 'scripts', 'generate-client.mjs');
    const { stderr } = await promisify(execFile)(process.execPath, [script, '--check', '--from', world.url]);
    expect(stderr).toBe('');
  });
});
