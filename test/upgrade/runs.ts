import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { until } from '../chaos/house';
import type { Service } from '../service';

/** Of every process that records or reads: what is encrypted is read again. */
export const SECRETS_KEY = Buffer.alloc(32, 7).toString('base64');
const SEEN_WITHIN_MS = 120_000;

const step = (id: string, operator: string, parameters: object = {}, more: object = {}) => ({
  id,
  operator,
  parameters,
  ...more,
});
const START = step('0', '@trigger/form', { fields: [{ key: 'n', type: 'number' }] });
const approval = (id: string) => step(id, '@control/approval', { assignees: ['admin'] });
const give = (parameters: object) => step('end', '@internal/return', parameters);
const N = '{{__0.fields.n}}';

/** A run of each kind that a process can leave to the next one. */
const FLOWS: Readonly<Record<string, (url: string, dags: Readonly<Record<string, string>>) => readonly object[]>> = {
  /** Has told an address to somebody, and waits for the answer. */
  answered: (url) => [
    START,
    step('1', '@http/request', { url, method: 'POST', body: { n: N, url: '{{callbacks.answer.url}}' } }),
    step('answer', '@control/callback'),
    give({ n: N, got: '{{__answer.body.paid}}' }),
  ],
  /** In the first iteration of a loop within a branch. */
  nested: () => [
    START,
    step(
      'fan',
      '@control/flow/parallel',
      {},
      {
        branches: [
          { id: 'x', steps: [approval('left')] },
          {
            id: 'y',
            steps: [
              step(
                'each',
                '@control/flow/loop',
                { mode: 'array', array: [1, 2], outputs: [{ key: 'k', value: '{{__each.value}}' }] },
                { steps: [approval('item')] },
              ),
            ],
          },
        ],
      },
    ),
    give({ n: N, ks: '{{__each.outputs.k}}' }),
  ],
  timed: () => [START, step('1', '@control/wait', { duration: 'PT1M' }), give({ n: N, on: 'time' })],
  child: () => [START, approval('1'), give({ from: 'child', n: N })],
  parent: (_url, { child = '' }) => [
    START,
    step('sub', '@subflow/call/workflow', { dagId: child, data: { n: N } }),
    give({ n: N, sub: '{{__sub}}' }),
  ],
  /** What stands in the log alone: one that has ended there, one that waits there. */
  short: () => [START, step('1', '@internal/define', { type: 'number', value: N }), give({ n: '{{__1.value}}' })],
  asked: () => [START, approval('1'), give({ n: N, ok: true })],
};

/** What must come of each. */
export const RESULTS: Readonly<Record<string, object>> = {
  answered: { n: 1, got: true },
  nested: { n: 2, ks: [1, 2] },
  timed: { n: 3, on: 'time' },
  parent: { n: 4, sub: { from: 'child', n: 4 } },
  short: { n: 5 },
  asked: { n: 6, ok: true },
};
const IN_ROWS = ['answered', 'nested', 'timed', 'parent'];
const IN_LOG = ['short', 'asked'];

export interface Made {
  /** Runs by their kind. */
  readonly ids: Readonly<Record<string, string>>;
  /** Path of the address that was told. */
  readonly callback: string;
}

/** A process that has everything waiting and is stopped, then one that is killed before what it does is in rows. */
export async function makeRuns(start: (more: Readonly<Record<string, string>>) => Promise<Service>): Promise<Made> {
  const told: string[] = [];
  const outside = createServer((incoming, response) => {
    let body = '';
    incoming.on('data', (piece: Buffer) => (body += piece.toString()));
    incoming.on('end', () => {
      told.push((JSON.parse(body) as { url: string }).url);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(outside.address() as AddressInfo).port}/`;
  const [dags, ids]: [Record<string, string>, Record<string, string>] = [{}, {}];
  try {
    const first = await start({ OUTBOUND_ALLOW: '127.0.0.1' });
    for (const [title, stepsOf] of Object.entries(FLOWS))
      dags[title] = (await first.must<{ id: string }>('POST', '/dags', { title, steps: stepsOf(url, dags) })).id;
    const run = (service: Service, name: string) =>
      service.must<{ id: string }>('POST', `/dags/${dags[name]}/run`, { data: { n: numberOf(name) } });
    for (const name of IN_ROWS) ids[name] = (await run(first, name)).id;
    for (const name of IN_ROWS)
      await until(async () => (await statusOf(first, ids[name])) === 'waiting', SEEN_WITHIN_MS);
    await until(async () => (await approvals(first)).length === 3, SEEN_WITHIN_MS);
    await first.stop();
    const second = await start({ FAILPOINT: 'instance.project.before' });
    for (const one of await Promise.all(IN_LOG.map(async (name) => ({ name, ...(await run(second, name)) }))))
      ids[one.name] = one.id;
    await second.exited;
  } finally {
    outside.close();
  }
  return { ids, callback: new URL(told[0] ?? '').pathname };
}

const numberOf = (name: string): number => Object.keys(RESULTS).indexOf(name) + 1;

/** This service has what another one left: each run goes on to its end. */
export async function expectToGoOn(service: Service, { ids, callback }: Made): Promise<void> {
  const { statusCode, body } = await request(service.address + callback, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ paid: true }),
  });
  await body.dump();
  expect(statusCode).toBe(202);
  await until(async () => {
    for (const { id } of await approvals(service))
      await service.call('POST', `/approvals/${id}`, { decision: 'approved' });
    const statuses = await Promise.all(Object.values(ids).map((id) => statusOf(service, id)));
    return statuses.every((status) => status !== 'waiting' && status !== 'running' && status !== 'queued');
  }, SEEN_WITHIN_MS);
  const ends: Record<string, unknown> = {};
  for (const [name, id] of Object.entries(ids)) {
    const { status, result } = await service.must<{ status: string; result: unknown }>('GET', `/instances/${id}`);
    ends[name] = { status, result };
  }
  expect(ends).toEqual(
    Object.fromEntries(Object.entries(RESULTS).map(([name, result]) => [name, { status: 'succeeded', result }])),
  );
}

async function statusOf(service: Service, id = ''): Promise<string> {
  return (await service.must<{ status: string }>('GET', `/instances/${id}`)).status;
}

async function approvals(service: Service): Promise<readonly { readonly id: string }[]> {
  return (await service.must<{ items: readonly { readonly id: string }[] }>('GET', '/approvals')).items;
}
