import type { Service } from '../service';
import type { Errand } from './errands';
import { until } from './house';
import type { Receiver } from './receiver';

const MANUAL = { id: '0', operator: '@trigger/manual' };
const NOTHING = () => Promise.resolve();
/** From the first attempt that failed to the second, and some. */
const TOLD_WITHIN_MS = 20_000;
const BURIED_WITHIN_MS = 10_000;
/** Together more than one step of a removal takes, and more than the file keeps for what comes. */
const FAT = { iterations: 450, bytes: 11_000 };

const holdsWithin = (ms: number, holds: () => boolean | Promise<boolean>) =>
  until(holds, ms).then(
    () => true,
    () => false,
  );

/** What is asked of a service beside its runs: telling others of ends, and removing what has ended. Each in a business domain of its own. */
export function errandsAside(name: string, receiver: Receiver): Readonly<Record<string, Errand>> {
  const mine = { 'x-business-domain': name };
  const once = { ...mine, 'idempotency-key': name };
  const admin = (service: Service, method: string, path: string, body?: object) =>
    service.call(method, path, body, mine, undefined, service.privateAddress);
  let dagId = '';
  let id = '';

  const aDag = async (service: Service, steps: readonly object[] = []) => {
    const made = await service.must<{ id: string }>('POST', '/dags', { title: name, steps: [MANUAL, ...steps] }, mine);
    dagId = made.id;
  };
  const run = (service: Service, path: string) =>
    service.call('POST', `/dags/${dagId}/run`, { callbackUrl: receiver.addressOf(path) }, once);
  /** It is told, at least once, and always under the same id. */
  const told = (path: string): Errand => ({
    prepare: aDag,
    ask: (service) => run(service, path),
    done: [202],
    isUnseen: true,
    holds: () => holdsWithin(TOLD_WITHIN_MS, () => receiver.idsAt(path).length === 1),
  });
  const letters = async (service: Service) => {
    const { text } = await admin(service, 'GET', '/dead-letters?limit=200');
    return (JSON.parse(text) as { items: { id: string; url: string }[] }).items;
  };
  const aLetter = async (service: Service) => {
    await aDag(service);
    await run(service, `gone/${name}`);
    await until(async () => (await letters(service)).length === 1, BURIED_WITHIN_MS);
    id = (await letters(service))[0]!.id;
  };
  const elsewhere = receiver.addressOf(`ok/${name}`);
  const redirect = (service: Service) => admin(service, 'PUT', `/dead-letters/${id}`, { url: elsewhere });

  /** An instance with so much in it that it goes in several steps, and the file shrinks behind it. */
  const aFatRun = async (service: Service) => {
    const item = {
      id: 'i',
      operator: '@internal/define',
      parameters: { type: 'string', value: 'x'.repeat(FAT.bytes) },
    };
    const each = { id: 'l', operator: '@control/flow/loop', parameters: { mode: 'limit', limit: FAT.iterations } };
    await aDag(service, [{ ...each, steps: [item] }]);
    const made = await service.must<{ id: string; status: string }>('POST', `/dags/${dagId}/run?wait=PT30S`, {}, mine);
    if (made.status !== 'succeeded') throw new Error(`It is ${made.status}.`);
    ({ id } = made);
  };
  const removed: Errand = {
    prepare: aFatRun,
    // What ends in this very millisecond has not ended before it.
    ask: async (service) => {
      const before = Date.now();
      await until(() => Date.now() > before + 1);
      return service.call('POST', '/archive/purge', { before: new Date(before + 1).toISOString() }, mine);
    },
    done: [200],
    holds: async (service) => (await service.call('GET', `/instances/${id}`, undefined, mine)).status === 404,
  };
  const aPart: Errand = { ...removed, isUnseen: true };

  let secrets: readonly string[] = [];
  const secretsOf = (text: string) =>
    (JSON.parse(text) as { items: { secret: string }[] }).items.map((one) => one.secret);
  const ownRetention = async (service: Service) =>
    (JSON.parse((await admin(service, 'GET', '/retention')).text) as { retention: unknown }).retention;
  const keep = (service: Service) => admin(service, 'PUT', '/retention', { retention: 'P7D' });

  return {
    'delivery.add': told(`ok/${name}`),
    'delivery.settle': told(`ok/${name}`),
    'delivery.postpone': told(`busy/${name}`),
    'delivery.bury': {
      ...told(''),
      ask: (service) => run(service, `gone/${name}`),
      holds: (service) => holdsWithin(BURIED_WITHIN_MS, async () => (await letters(service)).length === 1),
    },
    'delivery.redirect': {
      prepare: aLetter,
      ask: redirect,
      done: [200],
      holds: async (service) => (await letters(service)).some(({ url }) => url === elsewhere),
    },
    'delivery.redrive': {
      prepare: async (service) => {
        await aLetter(service);
        await redirect(service);
      },
      ask: (service) => admin(service, 'POST', '/dead-letters/redrive', { ids: [id] }),
      done: [200],
      holds: async (service) =>
        (await letters(service)).length === 0 &&
        (await holdsWithin(TOLD_WITHIN_MS, () => receiver.idsAt(`ok/${name}`).length === 1)),
    },
    'delivery.remove': {
      prepare: aLetter,
      ask: (service) => admin(service, 'DELETE', `/dead-letters/${id}`),
      done: [204, 404],
      holds: async (service) => (await letters(service)).length === 0,
    },
    'webhook.rotate': {
      prepare: NOTHING,
      ask: async (service) => {
        const answer = await service.call('POST', '/webhook-secret/rotate', {}, mine);
        if (answer.status === 200) secrets = secretsOf(answer.text);
        return answer;
      },
      done: [200],
      isUnseen: true,
      holds: async (service) => {
        const { text } = await service.call('GET', '/webhook-secret', undefined, mine);
        return secrets.length > 0 && secrets.every((one) => secretsOf(text).includes(one));
      },
    },
    'retention.put': {
      prepare: NOTHING,
      ask: keep,
      done: [200],
      holds: async (service) => (await ownRetention(service)) === 'P7D',
    },
    'retention.remove': {
      prepare: async (service) => {
        await keep(service);
      },
      ask: (service) => admin(service, 'DELETE', '/retention'),
      done: [204],
      holds: async (service) => (await ownRetention(service)) === null,
    },
    'blob.release': aPart,
    'tasklog.purge': aPart,
    'ended.purge': removed,
    'ended.clear': aPart,
    'space.trim': aPart,
  };
}
