import {
  IdempotencyStore,
  KeyedHash,
  type IdempotencyScope,
  type IdempotentRequest,
  type KeptAnswer,
} from '@flow/platform';
import { AppError, type Clock } from '@flow/kernel';
import { aHttpServer, type HttpWorld } from '@flow/testing/http';
import { FixedClock, settle } from '@flow/testing/kernel';
import { MemoryIdempotencyStore } from '@flow/testing/platform';
import { Body, Injectable, Post } from '@nestjs/common';
import { IsString } from 'class-validator';
import { Answer } from './answer';
import { Endpoint, PublicApi, ReservedId } from './endpoint.decorators';

class MakeThing {
  @IsString()
  title!: string;
}

class TitleTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'thing.title_taken';
}

class StoreAway extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'store.away';
}

/** What the handlers did, and what a spec wants of them. Static, because Nest makes the controller. */
const effects = {
  made: [] as string[],
  gate: Promise.resolve(),
  failWith: undefined as Error | undefined,
  /** Fails after the effect, as a crash would. */
  failAfter: undefined as Error | undefined,
};

@Injectable()
@PublicApi('things')
class ThingsController {
  @Post()
  @Endpoint({
    access: 'dag.create',
    action: 'thing.change',
    summary: 'Make',
    idempotent: true,
    answers: { 201: MakeThing },
  })
  async make(@Body() body: MakeThing, @ReservedId() id: string) {
    await effects.gate;
    if (effects.failWith) throw effects.failWith;
    if (!effects.made.includes(id)) effects.made.push(id);
    if (effects.failAfter) throw effects.failAfter;
    return new Answer({ id, title: body.title }, { location: `/things/${id}`, etag: 1 });
  }

  @Post('other')
  @Endpoint({ access: 'dag.create', action: 'thing.change', summary: 'Make another', idempotent: true, status: 201 })
  other(@ReservedId() id: string) {
    effects.made.push(id);
    return { id };
  }
}

const PATH = '/api/automation/v1/things';

describe('Idempotency-Key', () => {
  const worlds: HttpWorld[] = [];
  beforeEach(() => {
    effects.made = [];
    effects.gate = Promise.resolve();
    effects.failWith = effects.failAfter = undefined;
  });
  afterEach(async () => {
    await Promise.all(worlds.splice(0).map((world) => world.close()));
  });

  async function open(
    change: { idempotency?: IdempotencyStore; holder?: string; clock?: Clock; hash?: KeyedHash } = {},
  ) {
    const world = await aHttpServer([ThingsController], change);
    worlds.push(world);
    const make = (key: string | undefined, title = 'a', more: Record<string, string> = {}) =>
      world.ask('POST', PATH, { body: { title }, headers: { ...(key && { 'idempotency-key': key }), ...more } });
    return { world, make };
  }

  it('gives the same answer to the same request, and has one effect', async () => {
    const { make } = await open();
    const first = await make('k1');
    const second = await make('k1');
    expect(first.status).toBe(201);
    expect([second.status, second.text, second.headers.location, second.headers.etag]).toEqual([
      201,
      first.text,
      first.headers.location,
      '"1"',
    ]);
    expect(second.headers['content-type']).toBe(first.headers['content-type']);
    expect([first.headers['idempotency-replayed'], second.headers['idempotency-replayed']]).toEqual([
      undefined,
      'true',
    ]);
    expect(effects.made).toHaveLength(1);
  });

  it('refuses another body under the same key with 422', async () => {
    const { make } = await open();
    await make('k1', 'a');
    const other = await make('k1', 'b');
    expect([other.status, other.json.code]).toEqual([422, 'idempotency.body_mismatch']);
    expect(effects.made).toHaveLength(1);
  });

  it('makes one effect of two at once: the second waits for the first', async () => {
    const { make } = await open();
    let openGate = (): void => undefined;
    effects.gate = new Promise((resolve) => (openGate = resolve));
    const both = Promise.all([make('k1'), make('k1'), make('k1')]);
    await settle();
    openGate();
    const answers = await both;
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'])).toHaveLength(2);
    expect(effects.made).toHaveLength(1);
  });

  it('answers 409 when the first takes longer than 10 seconds', async () => {
    const clock = new FixedClock();
    const { make } = await open({ clock });
    let openGate = (): void => undefined;
    let entered = (): void => undefined;
    const inside = new Promise<void>((resolve) => (entered = resolve));
    effects.gate = new Promise<void>((resolve) => (openGate = resolve));
    const reached = effects.gate;
    // The handler asks for the gate once it runs.
    Object.defineProperty(effects, 'gate', {
      configurable: true,
      get: () => {
        entered();
        return reached;
      },
    });
    const first = make('k1');
    await inside;
    const progress = { done: false };
    const second = make('k1').finally(() => (progress.done = true));
    while (!progress.done) {
      await settle();
      await clock.advance(1_000);
    }
    const answer = await second;
    expect([answer.status, answer.json.code, answer.headers['retry-after']]).toEqual([
      409,
      'idempotency.in_progress',
      '1',
    ]);
    openGate();
    expect((await first).status).toBe(201);
    Object.defineProperty(effects, 'gate', { configurable: true, writable: true, value: Promise.resolve() });
  });

  it('is free again after a failure that had no effect', async () => {
    const { make } = await open();
    effects.failWith = new TitleTaken('Taken.');
    expect((await make('k1')).status).toBe(409);
    effects.failWith = undefined;
    expect((await make('k1', 'another title')).status).toBe(201);
  });

  it('is free again after a request that was not valid', async () => {
    const { world, make } = await open();
    const headers = { 'idempotency-key': 'k1' };
    expect((await world.ask('POST', PATH, { body: { title: 1 }, headers })).status).toBe(400);
    expect((await make('k1')).status).toBe(201);
  });

  it('repeats the effect under the same id after a failure that may have had one', async () => {
    const { make } = await open();
    effects.failAfter = new StoreAway('Away.');
    expect((await make('k1')).status).toBe(503);
    effects.failAfter = undefined;
    const repeat = await make('k1');
    expect([repeat.status, repeat.json.id]).toEqual([201, effects.made[0]]);
    expect(effects.made).toHaveLength(1);
  });

  it('keeps the reserved id though a resumed request is refused', async () => {
    const { make } = await open();
    effects.failAfter = new StoreAway('Away.');
    await make('k1');
    effects.failAfter = undefined;
    effects.failWith = new TitleTaken('By the first attempt, perhaps.');
    expect((await make('k1')).status).toBe(409);
    effects.failWith = undefined;
    expect((await make('k1')).json.id).toBe(effects.made[0]);
  });

  it('resumes after a restart of the process that began', async () => {
    const idempotency = new MemoryIdempotencyStore();
    const before = await open({ idempotency });
    effects.failAfter = new Error('killed');
    expect((await before.make('k1')).status).toBe(500);
    effects.failAfter = undefined;
    const caller = await before.world.ask('POST', `${PATH}/other`, { headers: { 'idempotency-key': 'k1' } });
    expect(caller.status).toBe(201);
    const after = await open({ idempotency });
    expect((await after.make('k1')).json.id).toBe(effects.made[0]);
  });

  it('keeps principals, domains and routes apart', async () => {
    const { world, make } = await open();
    const token = await world.issue({ principal: 'bob' });
    const ids = [
      await make('k1'),
      await make('k1', 'a', { 'x-business-domain': 'acme' }),
      await make('k1', 'a', { authorization: `Bearer ${token}` }),
      await world.ask('POST', `${PATH}/other`, { headers: { 'idempotency-key': 'k1' } }),
    ].map(({ json }) => json.id);
    expect(new Set(ids).size).toBe(4);
  });

  it('keeps of a body what only the holder of the key can compare with a guess', async () => {
    const asked: IdempotentRequest[] = [];
    class OpenStore extends MemoryIdempotencyStore {
      override async begin(request: IdempotentRequest) {
        asked.push(request);
        return super.begin(request);
      }
    }
    for (const fill of [1, 1, 2]) {
      const hash = new KeyedHash(new Uint8Array(32).fill(fill));
      const { make } = await open({ idempotency: new OpenStore(), hash });
      expect((await make('k1', 'hunter22')).status).toBe(201);
    }
    const [first, same, other] = asked.map(({ bodyHash }) => bodyHash);
    expect(same).toBe(first);
    expect(other).not.toBe(first);
    expect(first).toBe(new KeyedHash(new Uint8Array(32).fill(1)).of(`${PATH}\n{"title":"hunter22"}`));
  });

  it('is not needed: each request without one makes its own', async () => {
    const { make } = await open();
    await make(undefined);
    await make(undefined);
    expect(new Set(effects.made).size).toBe(2);
  });

  it.each(['with space', 'x'.repeat(256), 'ümlaut'])('refuses the key %p', async (key) => {
    const { make } = await open();
    expect((await make(Buffer.from(key).toString('latin1'))).json.errors).toMatchObject([
      { code: 'idempotency.key_invalid' },
    ]);
  });

  it('gives the answer though it could not be kept, and the repeat has no second effect', async () => {
    class ForgetfulStore extends MemoryIdempotencyStore {
      override async finish(_scope: IdempotencyScope, _answer: KeptAnswer): Promise<void> {
        throw new Error('the disk is away');
      }
    }
    const { world, make } = await open({ idempotency: new ForgetfulStore() });
    const first = await make('k1');
    const second = await make('k1');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.json.id).toBe(first.json.id);
    expect(effects.made).toHaveLength(1);
    expect(world.log.lines.some(({ level }) => level === 'warn')).toBe(true);
  });
});
