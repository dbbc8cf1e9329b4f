import { aHttpServer, httpClient } from '@flow/testing/http';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Agent, request } from 'node:http';
import { Drain } from './drain';
import { Endpoint, ProbeApi, PublicApi } from './endpoint.decorators';

const API = '/api/automation/v1';
const gate = { promise: Promise.resolve(), entered: (): void => undefined };

@PublicApi('work')
class WorkController {
  constructor(private readonly drain: Drain) {}

  @Get('slow')
  @Endpoint({ access: 'token', summary: 'Takes its time' })
  async slow() {
    gate.entered();
    await gate.promise;
    return { done: true };
  }

  @Get('listen')
  @Endpoint({ access: 'token', summary: 'Waits until told' })
  async listen() {
    gate.entered();
    await new Promise<void>((resolve) => this.drain.onDrain(resolve));
    return { told: true };
  }
}

@ProbeApi('health')
class HealthController {
  @Get('alive')
  @Endpoint({ access: 'public', summary: 'Alive', whileDraining: true })
  alive() {
    return { status: 'up' };
  }
}

function blocked() {
  let open = (): void => undefined;
  gate.promise = new Promise((resolve) => (open = resolve));
  const entered = new Promise<void>((resolve) => (gate.entered = resolve));
  return { open, entered };
}

describe('A server', () => {
  it('does not start with a route that declares no access', async () => {
    @Controller('bare')
    class BareController {
      @Get()
      get() {
        return {};
      }
    }
    await expect(aHttpServer([BareController])).rejects.toThrow('GET /bare does not declare who may come');
  });

  it('does not start with a route that is no read and has no name in the audit trail', async () => {
    @PublicApi('quiet', { tag: 'Quiet' })
    class QuietController {
      @Post()
      @Endpoint({ access: 'dag.create', summary: 'Tells nobody', answers: { 200: null } })
      do() {
        return {};
      }
    }
    await expect(aHttpServer([QuietController])).rejects.toThrow(
      'POST /api/automation/v1/quiet does not say what the audit trail calls what it does',
    );
  });

  it('does not start with a route that was added past Nest and declares no access', async () => {
    @ProbeApi('sneaky')
    class SneakyController {
      constructor(private readonly host: HttpAdapterHost<FastifyAdapter>) {}
      onModuleInit() {
        this.host.httpAdapter.getInstance().get('/back-door', () => 'welcome');
      }
    }
    await expect(aHttpServer([SneakyController])).rejects.toThrow('GET /back-door does not declare who may come');
  });

  it('does not load a controller that takes a body of no known shape', () => {
    expect(() => {
      @PublicApi('loose')
      class LooseController {
        @Post()
        @Endpoint({ access: 'token', action: 'thing.change', summary: 'Loose' })
        post(@Body() body: unknown) {
          return body;
        }
      }
      return LooseController;
    }).toThrow('LooseController.post takes a body of no known shape');
  });

  it('opens only the listeners that it is told to', async () => {
    const world = await aHttpServer([HealthController], { ports: { private: 0 } });
    expect(Object.keys(world.addresses)).toEqual(['private']);
    expect((await world.askPrivate('GET', '/health/alive')).status).toBe(200);
    await world.close();
  });

  it('lets what is under way end, refuses what comes new, and then closes', async () => {
    const world = await aHttpServer([WorkController, HealthController]);
    const { open, entered } = blocked();
    const underWay = world.ask('GET', `${API}/work/slow`);
    await entered;
    const closing = world.server.close(20_000);
    const refused = await world.ask('GET', `${API}/work/slow`);
    expect([refused.status, refused.json.code, refused.headers.connection, refused.headers['retry-after']]).toEqual([
      503,
      'server.draining',
      'close',
      '1',
    ]);
    expect((await world.ask('GET', '/health/alive')).status).toBe(200);
    open();
    expect((await underWay).json).toEqual({ done: true });
    expect(await closing).toBe(0);
    await expect(world.ask('GET', '/health/alive')).rejects.toThrow('ECONNREFUSED');
    await expect(world.askPrivate('GET', '/health/alive')).rejects.toThrow('ECONNREFUSED');
  });

  it('tells long answers to end', async () => {
    const world = await aHttpServer([WorkController]);
    const { entered } = blocked();
    const listening = world.ask('GET', `${API}/work/listen`);
    await entered;
    expect(await world.server.close(20_000)).toBe(0);
    expect((await listening).json).toEqual({ told: true });
  });

  it('cuts off what has not ended in time, and says how much that was', async () => {
    const world = await aHttpServer([WorkController]);
    const { open, entered } = blocked();
    const underWay = world.ask('GET', `${API}/work/slow`).catch((error: unknown) => error);
    await entered;
    expect(await world.server.close(0)).toBe(1);
    expect(await underWay).toMatchObject({ code: 'ECONNRESET' });
    open();
  });

  it('does not count a client that went away as under way', async () => {
    const world = await aHttpServer([WorkController]);
    const { open, entered } = blocked();
    const url = new URL(world.addresses.public!);
    const token = await world.issue();
    const abandoned = request({
      host: url.hostname,
      port: url.port,
      path: `${API}/work/slow`,
      headers: { authorization: `Bearer ${token}` },
    });
    abandoned.on('error', () => undefined);
    abandoned.end();
    await entered;
    abandoned.destroy();
    expect(await world.server.close(20_000)).toBe(0);
    open();
  });

  it('is not held open by idle connections', async () => {
    const world = await aHttpServer([HealthController]);
    const agent = new Agent({ keepAlive: true });
    for (const address of Object.values(world.addresses))
      await new Promise<void>((resolve) => {
        request(`${address}/health/alive`, { agent }, (response) => response.resume().on('end', resolve)).end();
      });
    await world.close();
    agent.destroy();
    await expect(httpClient(world.addresses.public!)('GET', '/health/alive')).rejects.toThrow('ECONNREFUSED');
  });

  it('reports every answered request by its route, not by its address', async () => {
    const seen: string[] = [];
    const world = await aHttpServer([HealthController], {
      onAnswered: ({ server, method, route, status }) => seen.push(`${server} ${method} ${route} ${status}`),
    });
    await world.ask('GET', '/health/alive');
    await world.askPrivate('GET', '/nowhere/4711');
    await world.close();
    expect(seen).toEqual(['public GET /health/alive 200', 'private GET unknown 404']);
  });
});
