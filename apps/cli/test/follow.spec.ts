import { PassThrough } from 'node:stream';
import type { Cli } from '../src/installation';
import { followRun } from '../src/run.follow';
import { ServiceClient } from '../src/service.client';
import { Terminal } from '../src/terminal';
import { CliWorld, TOKEN, until } from './cli-world';
import { Gate } from './gate';

let world: CliWorld;
let gate: Gate;
beforeAll(async () => {
  [world, gate] = [await CliWorld.open(), await Gate.open()];
  await world.serve({ OUTBOUND_ALLOW: gate.host, MAX_STREAMS: '1' });
  const ask = (id: string) => ({ id, operator: '@http/request', parameters: { method: 'GET', url: gate.url } });
  await world.call('/dags', {
    title: 'Gated',
    steps: [
      { id: 'start', operator: '@trigger/manual' },
      { id: 'pick', operator: '@control/flow/branches', branches: [{ id: 'yes', default: true, steps: [ask('ask')] }] },
    ],
  });
});
afterAll(async () => {
  await world.close();
  gate.close();
});
beforeEach(() => gate.shut());

/** A terminal of so many lines, and the screen as a person sees it at its end. */
function aScreen() {
  const err = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 24 });
  let written = '';
  err.on('data', (piece: Buffer) => (written += piece.toString()));
  const terminal = new Terminal(err as unknown as NodeJS.WriteStream, err as unknown as NodeJS.WriteStream, {
    NO_COLOR: '1',
  });
  const screen = () => {
    const lines: string[] = [];
    for (const part of written.split(/(\x1b\[\d+A\x1b\[J|\n)/)) {
      const up = /^\x1b\[(\d+)A/.exec(part)?.[1];
      if (up !== undefined) lines.splice(lines.length - Number(up));
      else if (part !== '\n' && part !== '') lines.push(part.trimEnd());
    }
    return lines;
  };
  return { terminal, screen };
}

const aClient = () => {
  const cli = { installation: { version: 'test' } } as Cli;
  return ServiceClient.at(cli, { address: world.url, token: TOKEN });
};

async function startRun(): Promise<string> {
  const { items } = (await world.call('/dags?keyword=Gated')) as { items: { id: string }[] };
  return ((await world.call(`/dags/${items[0]?.id ?? ''}/run`, {})) as { id: string }).id;
}

describe('Following a run on a terminal', () => {
  it('draws the tree in its place with a bar below, and leaves the tree as it was last', async () => {
    const { terminal, screen } = aScreen();
    const following = followRun(aClient(), terminal, await startRun());
    await gate.someone();
    await until(() => screen().some((line) => line.startsWith('[')));
    expect(screen().join('\n')).toMatch(
      /^succeeded {2}start .*\nrunning {4}pick .*\nrunning {6}yes\/ask +@http\/request .*\n\[#+\.+\] \d of \d steps, running \d+.*$/,
    );
    gate.release();
    expect(await following).toMatchObject({ status: 'succeeded' });
    expect(screen().join('\n')).toMatch(/^succeeded {2}start .*\nsucceeded {2}pick .*\nsucceeded {4}yes\/ask .*$/);
  });

  it('asks again and again where the service serves no more streams', async () => {
    const first = await startRun();
    const holding = world.start(['logs', first, '--follow']);
    await gate.someone();
    const tooMany = async () =>
      (
        await fetch(`${world.url}/api/automation/v1/instances/${first}/events`, {
          headers: { authorization: `Bearer ${TOKEN}` },
          method: 'HEAD',
        })
      ).status >= 400;
    await until(tooMany);
    const { terminal, screen } = aScreen();
    const following = followRun(aClient(), terminal, await startRun());
    await until(() => screen().some((line) => /^running +yes\/ask/.test(line)));
    gate.release();
    expect(await following).toMatchObject({ status: 'succeeded' });
    expect(screen()).toHaveLength(3);
    expect((await holding.ended).code).toBe(0);
  });
});
