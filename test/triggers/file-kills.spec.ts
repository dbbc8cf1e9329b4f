import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { Service, TOKEN, aFolder } from '../service';

const LONG = 300_000;
/** Every write of a blob is killed by blob-store.spec.ts; these are those between it and the answer. */
const UPLOAD = ['blob.put.named', 'blob.put.after', 'file.add.before', 'file.add.commit', 'file.add.after'];
const GIVE = ['blob.share.named', 'blob.share.after'];
const TEXT = 'what is in the file';

interface Instance {
  readonly status: string;
  readonly result: { readonly text: string } | null;
}

describe('files of forms, of processes that are killed', () => {
  const folder = aFolder();
  let service: Service;
  afterAll(async () => {
    await service.kill();
    folder.remove();
  });

  const start = async (failpoint?: string) => {
    service = Service.spawn(folder.path, { LOG_LEVEL: 'error', ...(failpoint && { FAILPOINT: failpoint }) });
    await service.ready();
  };
  const files = (method: 'GET' | 'POST', path: string, body?: string) =>
    request(`${service.address}/api/automation/v1/files${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...(body && { 'content-type': 'text/plain' }) },
      ...(body && { body }),
    });
  const upload = async (name: string): Promise<string> => {
    const { statusCode, body } = await files('POST', `?name=${name}`, TEXT);
    expect(statusCode).toBe(201);
    return ((await body.json()) as { id: string }).id;
  };
  const owners = () => {
    const root = join(folder.path, 'blobs');
    const domains = readdirSync(root).filter((name) => name !== 'incoming');
    return domains.flatMap((name) => readdirSync(join(root, name)));
  };

  it(
    'are there with their bytes when they were acknowledged, and come to each run once',
    async () => {
      await start();
      const fields = [{ key: 'doc', type: 'file', required: true }];
      const steps = [
        { id: '0', operator: '@trigger/form', parameters: { fields } },
        { id: '1', operator: '@internal/return', parameters: { text: '{{__0.doc.content}}' } },
      ];
      const dag = (await service.must<{ id: string }>('POST', '/dags', { title: 'form', steps })).id;
      const standing: string[] = [];
      for (const point of UPLOAD) {
        await service.kill();
        await start(point);
        await expect(upload(point)).rejects.toThrow();
        expect((await service.exited).signal).toBe('SIGKILL');
        await start();
        standing.push(await upload(point));
        expect(readdirSync(join(folder.path, 'blobs', 'incoming'))).toEqual([]);
        for (const id of standing) expect(await (await files('GET', `/${id}/content`)).body.text()).toBe(TEXT);
      }
      // What was never acknowledged is whole and waits for the sweep, or is not there.
      expect(owners().length).toBeLessThanOrEqual(2 * UPLOAD.length);
      const runs = new Set<string>();
      for (const [n, point] of GIVE.entries()) {
        await service.kill();
        await start(point);
        const key = { 'idempotency-key': `run-${n}` };
        const run = () => service.call('POST', `/dags/${dag}/run`, { data: { doc: standing[n] } }, key);
        await expect(run()).rejects.toThrow();
        expect((await service.exited).signal).toBe('SIGKILL');
        await start();
        const reply = await run();
        expect(reply.status).toBe(202);
        const { id } = JSON.parse(reply.text) as { id: string };
        runs.add(id);
      }
      for (const id of runs) {
        let instance = await service.must<Instance>('GET', `/instances/${id}`);
        for (const until = Date.now() + LONG / 2; instance.status !== 'succeeded' && Date.now() < until;) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          instance = await service.must<Instance>('GET', `/instances/${id}`);
        }
        expect(instance).toMatchObject({ status: 'succeeded', result: { text: TEXT } });
      }
      const { items } = await service.must<{ items: { id: string }[] }>('GET', `/dags/${dag}/instances?limit=200`);
      expect(items.map(({ id }) => id).sort()).toEqual([...runs].sort());
    },
    LONG,
  );
});
