import { AuditTrail } from '@flow/audit';
import { Callers } from '@flow/auth';
import { Clock, IdGenerator } from '@flow/kernel';
import { IdempotencyStore, KeyedHash } from '@flow/platform';
import { RequestQuotas } from '@flow/quotas';
import {
  Module,
  type DynamicModule,
  type LoggerService,
  type LogLevel,
  type NestApplicationOptions,
  type Type,
} from '@nestjs/common';
import { NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SERVER_NAMES, type ServerName } from './access';
import { AuditHooks } from './audit.hooks';
import { brokenRequest } from './broken-request';
import { addConsole, type ConsoleState } from './console.routes';
import { addDocumentation, type DocsAccess } from './docs.routes';
import { Drain } from './drain';
import { FlowFastifyAdapter, ToFastify } from './flow-fastify.adapter';
import type { AnsweredRequest, HttpLog } from './http-log';
import { HttpRules } from './http-rules';
import { Idempotency } from './idempotency.hooks';
import { Listeners, serverOf } from './listeners';
import { prepareAnswers, toOpenApi, type OpenApiDocument } from './open-api';
import { RoutePlans, rememberPlans } from './route-plans';

export interface HttpServerOptions {
  /** The root module. It (or what it imports) provides Callers, RequestQuotas, AuditTrail, IdempotencyStore, KeyedHash, Clock and IdGenerator. */
  readonly module: Type | DynamicModule;
  readonly host: string;
  /** Ports of the listeners to open; 0 takes a free one. A server that is left out is not opened, and its routes exist for nobody. */
  readonly ports: Partial<Readonly<Record<ServerName, number>>>;
  readonly bodyLimit: number;
  /** A request is answered within this, but for what it waits for by itself. */
  readonly requestTimeoutMs: number;
  readonly docs: DocsAccess;
  /** Where the console was built to; without it the public server has none. */
  readonly console?: string;
  readonly version: string;
  /** The name under which this process holds Idempotency-Keys: see IdempotentRequest.holder. */
  readonly holder: string;
  readonly log: HttpLog;
  /** Where Nest's own lines go. */
  readonly nestLogger?: LoggerService;
  readonly onAnswered?: (request: AnsweredRequest) => void;
}

export interface HttpServer {
  readonly app: NestFastifyApplication;
  readonly drain: Drain;
  /** Of its public server. */
  readonly console: ConsoleState;
  /** Opens the listeners; gives their addresses, as in `http://127.0.0.1:8082`. */
  listen(): Promise<Partial<Record<ServerName, string>>>;
  openApi(server: ServerName): OpenApiDocument;
  /** Refuses new requests, waits for those under way (`drainMs` at most), closes everything. Gives how many requests were cut off. */
  close(drainMs: number): Promise<number>;
}

@Module({})
class HttpRoot {}

/** Builds a Nest application on Fastify under the house rules: one container, one Fastify instance, up to two listeners. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const names = SERVER_NAMES.filter((name) => options.ports[name] !== undefined);
  const listeners = new Listeners(names, brokenRequest);
  const drain = new Drain();
  const plans = new RoutePlans();
  const rules = new HttpRules(plans, drain, options.log, options.requestTimeoutMs, options.onAnswered);
  const adapter = new FlowFastifyAdapter({
    serverFactory: listeners.factory as never,
    bodyLimit: options.bodyLimit,
    genReqId: rules.requestId,
    frameworkErrors: rules.onFrameworkError,
    clientErrorHandler: brokenRequest,
    return503OnClosing: false,
    forceCloseConnections: true,
    // The token of a callback tells its place, and places are as long as steps are deep.
    routerOptions: { maxParamLength: 8_192 },
    skipMiddie: true,
  });
  const fastify = adapter.getInstance();
  fastify.addConstraintStrategy({
    name: 'server',
    storage: () => {
      const stores = new Map<ServerName, unknown>();
      return {
        get: (name: ServerName) => stores.get(name) ?? null,
        set: (name: ServerName, store: unknown) => {
          stores.set(name, store);
        },
      };
    },
    deriveConstraint: (request: Parameters<typeof serverOf>[0]) => serverOf(request),
    mustMatchWhenDerived: false,
  } as never);
  rememberPlans(fastify, plans);

  const root: DynamicModule = {
    module: HttpRoot,
    global: true,
    imports: [options.module],
    providers: [{ provide: Drain, useValue: drain }],
    exports: [Drain],
  };
  const nest: NestApplicationOptions = Object.assign(new NestApplicationContextOptions(), {
    bodyParser: false,
    abortOnError: false,
    logger: options.nestLogger ?? (['error', 'warn'] satisfies LogLevel[]),
  });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, nest);
  const provided = <T>(token: abstract new (...args: never[]) => T): T => app.get<T>(token, { strict: false });
  const clock = provided(Clock);
  const ids = provided(IdGenerator);
  const idempotency = new Idempotency(
    provided(IdempotencyStore),
    clock,
    ids,
    provided(KeyedHash),
    options.holder,
    options.log,
  );
  const audit = new AuditHooks(provided(AuditTrail), clock, ids, options.requestTimeoutMs, options.log);
  rules.install(fastify, {
    callers: provided(Callers),
    quotas: provided(RequestQuotas),
    ids,
    clock,
    idempotency,
    audit,
  });
  app.useGlobalFilters(new ToFastify());

  const openApi = (server: ServerName): OpenApiDocument => toOpenApi(plans, server, options.version);
  addDocumentation(fastify, { access: options.docs, openApi });
  const console = options.ports.public === undefined ? 'none' : await addConsole(fastify, options.console);
  await app.init();
  await fastify.ready();
  prepareAnswers(plans);

  return {
    app,
    drain,
    console,
    openApi,
    async listen() {
      for (const name of names) {
        const port = options.ports[name] ?? 0;
        if (name === listeners.mainName) await app.listen(port, options.host);
        else await listeners.openOther(name, options.host, port);
      }
      return listeners.addresses();
    },
    async close(drainMs) {
      const left = await drain.start(clock, drainMs);
      await listeners.closeOthers();
      await app.close();
      return left;
    },
  };
}
