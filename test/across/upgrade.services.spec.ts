import { TestDatabase } from '@flow/testing/adapters/sql';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createConnection } from 'mongoose';
import { request } from 'undici';
import { Nodes } from './nodes';

interface Row {
  readonly _id: string;
  readonly epoch: number;
  readonly cursor: { readonly schema: number; readonly state: string };
}

/** Asked again until it is so. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + 30_000; !(await isSo());) {
    if (Date.now() > endMs) throw new Error('It did not come about within thirty seconds.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('A process over documents of another version', () => {
  it('goes on from the state that an older one has written, and leaves that of a newer one alone', async () => {
    const database = await TestDatabase.make();
    const mongo = new URL(process.env.TEST_MONGO_URL ?? '');
    mongo.pathname = `/flow_upgrade_${randomBytes(6).toString('hex')}`;
    const connection = await createConnection(mongo.href).asPromise();
    const rows = connection.getClient().db(mongo.pathname.slice(1)).collection<Row>('instances');
    const urls: string[] = [];
    const outside = createServer((incoming, response) => {
      let body = '';
      incoming.on('data', (piece: Buffer) => (body += piece.toString()));
      incoming.on('end', () => {
        urls.push((JSON.parse(body) as { url: string }).url);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(outside.address() as AddressInfo).port}/`;
    const nodes = new Nodes(['standalone'], () => ({ MONGODB_URL: mongo.href, MARIADB_URL: database.url.href }));
    try {
      await nodes.startAll();
      const steps = [
        { id: '0', operator: '@trigger/manual' },
        {
          id: '1',
          operator: '@http/request',
          parameters: { url, method: 'POST', body: { url: '{{callbacks.2.url}}' } },
        },
        { id: '2', operator: '@control/callback' },
      ];
      const { id: dag } = await nodes.must<{ id: string }>('POST', '/dags', { title: 'waits', steps });
      const run = async () => {
        const { id } = await nodes.must<{ id: string }>('POST', `/dags/${dag}/run`, {});
        await until(async () => (await rows.findOne({ _id: id, owner: null, status: 2 }))?.cursor !== undefined);
        return id;
      };
      const [older, newer] = [await run(), await run()];
      await nodes.at(0).stop();
      const standing = await rows.findOne({ _id: older });
      const { evaluating: _evaluating, ...state } = JSON.parse(standing?.cursor.state ?? '') as Record<string, unknown>;
      await rows.updateOne({ _id: older }, { $set: { 'cursor.schema': 2, 'cursor.state': JSON.stringify(state) } });
      await rows.updateOne({ _id: newer }, { $set: { 'cursor.schema': 99 } });
      const left = await rows.findOne({ _id: newer });

      await nodes.start(0);
      for (const address of urls) {
        const { body } = await request(nodes.at(0).address + new URL(address).pathname, { method: 'POST' });
        await body.dump();
      }
      await until(
        async () => (await nodes.must<{ status: string }>('GET', `/instances/${older}`)).status === 'succeeded',
      );
      expect(await nodes.must('GET', `/instances/${newer}/why`)).toMatchObject({
        status: 'waiting',
        waitingFor: [{ kind: 'unusable', message: expect.stringContaining('schema 99') as string }],
      });
      expect(await rows.findOne({ _id: newer })).toEqual(left);
    } finally {
      await nodes.close();
      outside.close();
      await connection.dropDatabase();
      await connection.close();
      await database.remove();
    }
  }, 240_000);
});
