import { aHttpServer, type HttpWorld } from '@flow/testing/http';
import { FixedClock } from '@flow/testing/kernel';
import { IsString } from 'class-validator';
import { Body, Get, Injectable, Post, Query } from '@nestjs/common';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { Answer } from './answer';
import { Optional } from './dto.decorators';
import { Endpoint, IsResumed, PublicApi, ReservedId } from './endpoint.decorators';

class WaitQuery {
  @Optional()
  @IsString()
  wait?: string;
}

class Thing {
  @IsString()
  title!: string;
}

/** What the handlers came to, and what they wait for. Static, because Nest makes the controller. */
const nothing = (): void => undefined;
const seen = {
  begun: 0,
  begin: nothing,
  made: [] as { readonly id: string; readonly isResumed: boolean }[],
  go: nothing,
  gate: Promise.resolve(),
  piece: (_text: string | null): void => undefined,
};

@Injectable()
@PublicApi('slow')
class SlowController {
  @Get()
  @Endpoint({ access: 'token', summary: 'Read', mayWaitMs: ({ wait }: WaitQuery) => Number(wait ?? 0) })
  async read(@Query() _query: WaitQuery) {
    return this.late();
  }

  @Post()
  @Endpoint({ access: 'token', action: 'thing.change', summary: 'Make', idempotent: true, answers: { 201: null } })
  async make(@Body() { title }: Thing, @ReservedId() id: string, @IsResumed() isResumed: boolean) {
    await this.late();
    seen.made.push({ id, isResumed });
    return { id, title };
  }

  @Get('stream')
  @Endpoint({ access: 'token', summary: 'Stream', produces: ['text/event-stream'] })
  stream() {
    const stream = new Readable({ read: () => undefined });
    stream.push('first ');
    seen.piece = (text) => void stream.push(text);
    seen.begin();
    return new Answer(stream, { headers: { 'content-type': 'text/event-stream' } });
  }

  private async late() {
    seen.begun += 1;
    seen.begin();
    await seen.gate;
    return { ok: true };
  }
}

const PATH = '/api/automation/v1/slow';
const BOUND_MS = 15_000;

describe('A request', () => {
  let clock: FixedClock;
  let world: HttpWorld;
  beforeEach(async () => {
    clock = new FixedClock();
    world = await aHttpServer([SlowController], { clock, requestTimeoutMs: BOUND_MS });
    Object.assign(seen, { begun: 0, made: [] });
    seen.gate = new Promise((resolve) => (seen.go = resolve));
  });
  afterEach(async () => {
    seen.go();
    await world.close();
  });

  const begins = () => new Promise<void>((resolve) => (seen.begin = resolve));

  it('that nobody answers is answered when its time is over, and says when to come back', async () => {
    const begun = begins();
    const asked = world.ask('GET', PATH);
    await begun;
    await clock.advance(BOUND_MS);
    const { status, headers, json } = await asked;
    expect([status, headers['retry-after'], headers['content-type']]).toEqual([
      503,
      '5',
      expect.stringContaining('application/problem+json'),
    ]);
    expect(json).toMatchObject({ code: 'request.timed_out', detail: expect.stringContaining('Ask again') as string });
    seen.go();
    expect((await world.ask('GET', PATH)).status).toBe(200);
    expect(world.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('that writes is told that nobody knows what became of it', async () => {
    for (const [key, said] of [
      [undefined, 'read what it was to change'],
      ['k1', 'ask again under the same Idempotency-Key'],
    ] as const) {
      const begun = begins();
      const asked = world.ask('POST', PATH, {
        body: { title: 'a' },
        ...(key && { headers: { 'idempotency-key': key } }),
      });
      await begun;
      await clock.advance(BOUND_MS);
      expect(await asked).toMatchObject({
        status: 503,
        json: { code: 'request.timed_out', detail: expect.stringContaining(said) as string },
      });
    }
  });

  it('that is repeated under its key comes behind the one that goes on, and makes the same', async () => {
    const again = () => world.ask('POST', PATH, { body: { title: 'a' }, headers: { 'idempotency-key': 'k1' } });
    const begun = begins();
    const first = again();
    await begun;
    await clock.advance(BOUND_MS);
    expect((await first).status).toBe(503);
    const second = again();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen.begun).toBe(1);
    seen.go();
    const { status, json } = await second;
    expect(status).toBe(201);
    expect(seen.made.map(({ isResumed }) => isResumed)).toEqual([false, true]);
    expect(new Set(seen.made.map(({ id }) => id))).toEqual(new Set([json.id]));
    expect((await again()).headers['idempotency-replayed']).toBe('true');
  });

  it('has as much more as it asks to wait', async () => {
    const begun = begins();
    const asked = world.ask('GET', `${PATH}?wait=30000`);
    await begun;
    await clock.advance(BOUND_MS + 29_999);
    seen.go();
    expect((await asked).status).toBe(200);
  });

  it('is not cut while its body arrives, and has what is left of its time from then on', async () => {
    const { hostname, port } = new URL(world.addresses.public ?? '');
    const token = await world.issue();
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (piece: Buffer) => (answer += piece.toString()));
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 13\r\n\r\n{"title"`,
    );
    // The server has let it in by then, and waits for the rest.
    await world.ask('GET', '/api/automation/v1/none');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await clock.advance(20 * BOUND_MS);
    expect(answer).toBe('');
    const begun = begins();
    socket.write(':"a"}');
    await begun;
    await clock.advance(BOUND_MS - 1);
    expect(answer).toBe('');
    await clock.advance(1);
    await until(() => answer !== '');
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    socket.destroy();
  });

  it('whose answer streams is not cut', async () => {
    const begun = begins();
    const asked = world.ask('GET', `${PATH}/stream`);
    await begun;
    await until(() => true);
    await clock.advance(20 * BOUND_MS);
    seen.piece('second');
    seen.piece(null);
    expect(await asked).toMatchObject({ status: 200, text: 'first second' });
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; ; turns += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (isSo()) return;
    if (turns > 1_000) throw new Error('It did not come about.');
  }
}
