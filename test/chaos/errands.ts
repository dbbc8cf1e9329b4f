import type { Reply, Service } from '../service';
import { errandsAside } from './errands-aside';
import type { Receiver } from './receiver';

/** Something that is asked of a service once, with a write of its own. */
export interface Errand {
  /** What must stand before; done by a process that nothing happens to. */
  prepare(service: Service): Promise<void>;
  /** Asked again by the next process when nobody knows what became of it. */
  ask(service: Service): Promise<Reply>;
  /** Answers that say that it is done, also the second time. */
  readonly done: readonly number[];
  /** It is answered whether it could be written or not. */
  readonly isUnpromised?: true;
  /** Nobody sees from outside whether it was written. */
  readonly isUnseen?: true;
  /** Whether it is done, and no more than once. */
  holds(service: Service): Promise<boolean>;
}

/** What lists show of a thing, as far as it matters here. */
interface Item {
  readonly name: string;
  readonly title: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly lastUsedAt: string | null;
}

const STEPS = [{ id: '0', operator: '@trigger/manual' }];
const NOTHING = () => Promise.resolve();
/** Where those who start runs and count them do not look. */
const APART = { 'x-business-domain': 'errands' };

/** The errand that leads to a write; `name` is one that nobody else uses. */
export function errandFor(write: string, name: string, receiver: Receiver): Errand {
  const key = { 'idempotency-key': name };
  const dags = `/dags?keyword=${name}&limit=200`;
  const countOf = async (service: Service, path: string, is: (item: Item) => boolean) =>
    (await service.must<{ items: readonly Item[] }>('GET', path)).items.filter(is).length;
  const named = (item: Item) => item.name === name;
  let id = '';
  let token = '';
  const make = async (service: Service, path: string, body: object) => {
    const made = await service.must<{ id?: string; token?: string }>('POST', path, body);
    id = made.id ?? '';
    token = made.token ?? '';
  };
  const kept = (path: string, secret: string) => {
    const one = `${path}/${name}`;
    return {
      add: {
        prepare: NOTHING,
        ask: (service: Service) => service.call('POST', path, { name, value: secret }, key),
        done: [201],
        holds: async (service: Service) => (await countOf(service, `${path}?limit=200`, named)) === 1,
      },
      replace: {
        prepare: (service: Service) => make(service, path, { name, value: secret }),
        ask: (service: Service) => service.call('PUT', one, { value: `${secret} 2` }),
        done: [200],
        holds: async (service: Service) =>
          (await countOf(service, `${path}?limit=200`, (item) => named(item) && item.updatedAt !== item.createdAt)) ===
          1,
      },
      remove: {
        prepare: (service: Service) => make(service, path, { name, value: secret }),
        ask: (service: Service) => service.call('DELETE', one),
        done: [204, 404],
        holds: async (service: Service) => (await countOf(service, `${path}?limit=200`, named)) === 0,
      },
    };
  };
  const secrets = kept('/secrets', 'a secret value');
  const variables = kept('/variables', 'a value');
  const aToken = { name, permissions: ['dag.view'] };
  const errands: Readonly<Record<string, Errand>> = {
    'dag.create': {
      prepare: NOTHING,
      ask: (service) => service.call('POST', '/dags', { title: name, steps: STEPS }, key),
      done: [201],
      holds: async (service) => (await countOf(service, dags, ({ title }) => title === name)) === 1,
    },
    'dag.update': {
      prepare: (service) => make(service, '/dags', { title: name, steps: STEPS }),
      ask: (service) => service.call('PUT', `/dags/${id}`, { title: name, steps: STEPS, description: 'changed' }),
      done: [200],
      holds: async (service) =>
        (await service.must<{ description: string }>('GET', `/dags/${id}`)).description === 'changed',
    },
    'dag.remove': {
      prepare: (service) => make(service, '/dags', { title: name, steps: STEPS }),
      ask: (service) => service.call('DELETE', `/dags/${id}`),
      done: [204, 404],
      holds: async (service) => (await service.call('GET', `/dags/${id}`)).status === 404,
    },
    'idempotency.forget': {
      prepare: NOTHING,
      // Refused, as often as it is asked: the key holds nothing back.
      ask: (service) => service.call('POST', '/dags', { title: '', steps: [] }, key),
      done: [400],
      isUnseen: true,
      holds: async (service) => (await countOf(service, dags, ({ title }) => title === '')) === 0,
    },
    'instance.wake': {
      prepare: async (service) => {
        const wait = { id: '1', operator: '@control/wait', parameters: { duration: 'PT1H' } };
        const dag = await service.must<{ id: string }>(
          'POST',
          '/dags',
          { title: name, steps: [...STEPS, wait] },
          APART,
        );
        // Its wait is so long that nobody holds it from its first transition on.
        ({ id } = await service.must<{ id: string }>('POST', `/dags/${dag.id}/run`, {}, APART));
      },
      ask: (service) => service.call('POST', `/instances/${id}/cancel`, {}, APART),
      done: [202, 409],
      // Whoever takes it up may die before it has told it.
      isUnseen: true,
      holds: async (service) =>
        (await service.must<{ status: string }>('GET', `/instances/${id}`, undefined, APART)).status === 'cancelled',
    },
    'secret.add': secrets.add,
    'secret.replace': secrets.replace,
    'secret.remove': secrets.remove,
    'variable.add': variables.add,
    'variable.replace': variables.replace,
    'variable.remove': variables.remove,
    'token.add': {
      prepare: NOTHING,
      ask: (service) => service.call('POST', '/me/tokens', aToken),
      done: [201],
      holds: async (service) => (await countOf(service, '/me/tokens?limit=200', named)) >= 1,
    },
    'token.use': {
      prepare: (service) => make(service, '/me/tokens', aToken),
      ask: (service) => service.call('GET', '/dags?limit=1', undefined, {}, token),
      done: [200],
      isUnpromised: true,
      holds: async (service) =>
        (await countOf(service, '/me/tokens?limit=200', (item) => named(item) && item.lastUsedAt !== null)) === 1,
    },
    'token.remove': {
      prepare: (service) => make(service, '/me/tokens', aToken),
      ask: (service) => service.call('DELETE', `/me/tokens/${id}`),
      done: [204, 404],
      holds: async (service) => (await countOf(service, '/me/tokens?limit=200', named)) === 0,
    },
  };
  const errand = errands[write] ?? errandsAside(name, receiver)[write];
  if (!errand) throw new Error(`No errand leads to ${write}: test/chaos/errands.ts`);
  return errand;
}
