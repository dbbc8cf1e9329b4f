import { PERMISSIONS, type Permission } from '@flow/auth';
import { localServer, type Hit, type LocalServer } from '@flow/testing/platform';
import type { ServerResponse } from 'node:http';
import { ApiWorld, MANUAL, until, type Answer, type Ask, type Body } from './api-world';

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly stepId: string | null;
  readonly path: string | null;
  readonly cause?: Failure;
  readonly compensation?: readonly { stepId: string; path: string; status: string; error?: { code: string } }[];
}

export interface Instance {
  readonly id: string;
  readonly status: string;
  readonly input: object;
  readonly result: unknown;
  readonly reason: Failure | null;
  readonly version: string;
  readonly rootId: string;
  readonly parentId: string | null;
  readonly parent?: { id: string; path: string; attempt: number; index: number; waits: boolean };
  readonly depth?: number;
  readonly createdBy: string;
}

export interface Task {
  readonly id: string;
  readonly stepId: string;
  readonly path: string;
  readonly status: string;
  readonly attempt: number;
  readonly input: Record<string, unknown> | null;
  readonly output: unknown;
  readonly error: Failure | null;
  readonly waitingFor?: { kind: string; until: string | null; total?: number; open?: number; first?: string | null };
}

export interface Told {
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly path?: string;
  readonly by?: string;
  readonly [field: string]: unknown;
}

/** A call that a step has made and that is not answered yet. */
export interface Call {
  readonly hit: Hit;
  readonly body: Record<string, unknown>;
  /** Answers 200 with this, or with a status of its own. */
  answer(body?: object, status?: number): void;
}

/** Flows of one business domain on a real service, and the server that their steps call: it answers when a test says so. */
export class Flows {
  /** Oldest first; what a test answers is taken out. */
  readonly open: Call[] = [];

  private constructor(
    readonly world: ApiWorld,
    readonly server: LocalServer,
    public domain: string,
  ) {}

  static async start(environment: Parameters<typeof ApiWorld.open>[0] = {}): Promise<Flows> {
    const world = await ApiWorld.open({ OUTBOUND_ALLOW: '127.0.0.1', DRAIN_TIMEOUT: 'PT1S', ...environment });
    const server = await localServer((hit, response) => flows.take(hit, response));
    const flows = new Flows(world, server, world.newDomain());
    return flows;
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.world.close();
  }

  /** A domain that nobody has used, and no calls that are open. */
  renew(): void {
    this.domain = this.world.newDomain();
    this.open.length = 0;
  }

  ask(method: string, path: string, body?: Body, ask: Ask = {}): Promise<Answer> {
    return this.world.call(method, path, body, { domain: this.domain, ...ask });
  }

  must(method: string, path: string, body?: Body, ask: Ask = {}): Promise<Answer> {
    return this.world.must(method, path, body, { domain: this.domain, ...ask });
  }

  async aDag(steps: readonly object[], more: object = {}): Promise<string> {
    const title = `DAG ${Math.random()}`.replace('.', '');
    return (await this.must('POST', '/dags', { title, steps: [MANUAL, ...steps], ...more })).id;
  }

  /** Starts a run of a new DAG with these steps; gives the id of the instance. */
  async run(steps: readonly object[], more: object = {}): Promise<string> {
    return this.runOf(await this.aDag(steps, more));
  }

  async runOf(dag: string, data: object = {}): Promise<string> {
    return (await this.must('POST', `/dags/${dag}/run`, { data })).id;
  }

  async instance(id: string): Promise<Instance> {
    return (await this.must('GET', `/instances/${id}`)).as<Instance>();
  }

  async inStatus(id: string, ...statuses: string[]): Promise<Instance> {
    return until(async () => {
      const instance = await this.instance(id);
      return statuses.includes(instance.status) ? instance : undefined;
    });
  }

  ended(id: string): Promise<Instance> {
    return this.inStatus(id, 'succeeded', 'failed', 'cancelled');
  }

  async tasks(id: string): Promise<Task[]> {
    return (await this.must('GET', `/instances/${id}/tasks?limit=200`)).as<{ items: Task[] }>().items;
  }

  /** `path: status` of every task, in the order in which their turns came. */
  async statuses(id: string): Promise<string[]> {
    return (await this.tasks(id)).map(({ path, status }) => `${path}: ${status}`);
  }

  async task(id: string, path: string): Promise<Task> {
    const task = (await this.tasks(id)).find((one) => one.path === path);
    if (!task) throw new Error(`There is no task at ${path}.`);
    return task;
  }

  /** The task at this path, as soon as it has come so far. */
  taskIn(id: string, path: string, status = 'waiting'): Promise<Task> {
    return until(async () => (await this.tasks(id)).find((task) => task.path === path && task.status === status));
  }

  /** What a principal of this name sends: may do everything, in every domain. */
  async person(principal: string, permissions: readonly Permission[] = PERMISSIONS): Promise<{ token: string }> {
    const body = { name: principal, principal, permissions, domains: ['*'] };
    return { token: (await this.must('POST', '/me/tokens', body)).as<{ token: string }>().token };
  }

  async history(id: string): Promise<Told[]> {
    return (await this.must('GET', `/instances/${id}/history?limit=200`)).as<{ items: Told[] }>().items;
  }

  /** What people and other instances did to a run, without what steps did. */
  async facts(id: string): Promise<Partial<Told>[]> {
    const plain = /^task\.(running|retrying|waiting|succeeded|failed|cancelled|skipped|invoked)$/;
    return (await this.history(id)).filter(({ type }) => !plain.test(type));
  }

  /** The oldest call that is open, as soon as there is one; with a step's id, of that step. */
  async call(step?: string): Promise<Call> {
    return until(() => {
      const at = this.open.findIndex(({ body }) => step === undefined || body.step === step);
      return at < 0 ? undefined : this.open.splice(at, 1)[0];
    });
  }

  /** A step that calls the server and is answered by the test. */
  step(id: string, more: object = {}, body: object = {}): object {
    return {
      id,
      operator: '@http/request',
      parameters: { method: 'POST', url: `${this.server.url}/${id}`, body: { step: id, ...body } },
      ...more,
    };
  }

  private take(hit: Hit, response: ServerResponse): void {
    this.open.push({
      hit,
      body: JSON.parse(hit.body || '{}') as Record<string, unknown>,
      answer: (body = {}, status = 200) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      },
    });
  }
}
