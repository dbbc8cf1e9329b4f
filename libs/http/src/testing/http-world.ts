import { AuditTrail } from '@flow/audit';
import { Callers, LocalTokens, PERMISSIONS, TokenVerifier, type Permission, type TokenDomains } from '@flow/auth';
import { createHttpServer, type HttpLog, type HttpServer, type HttpServerOptions, type ServerName } from '@flow/http';
import { Clock, IdGenerator, MemoryRateMeter, type DomainId, type PrincipalId, type TokenId } from '@flow/kernel';
import { IdempotencyStore, KeyedHash, SystemClock, SystemRandom } from '@flow/platform';
import { QuotaRules, RequestQuotas } from '@flow/quotas';
import { MemoryAuditJournal, MemoryAuditStore, aChain } from '@flow/testing/audit';
import { MemoryTokenStore } from '@flow/testing/auth';
import { MemoryIdempotencyStore } from '@flow/testing/platform';
import { MemoryDomainQuotas } from '@flow/testing/quotas';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { httpClient } from './http-client';

/** A log that keeps its lines. */
export function recordingLog(): HttpLog & { readonly lines: { level: string; facts: object; message: string }[] } {
  const lines: { level: string; facts: object; message: string }[] = [];
  const at = (level: string) => (facts: object, message: string) => void lines.push({ level, facts, message });
  return {
    lines,
    isLevelEnabled: () => true,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
}

@Module({})
class SpecModule {}

export interface HttpWorld {
  readonly server: HttpServer;
  readonly addresses: Partial<Record<ServerName, string>>;
  readonly log: ReturnType<typeof recordingLog>;
  readonly idempotency: IdempotencyStore;
  readonly audit: { readonly journal: MemoryAuditJournal; readonly store: MemoryAuditStore };
  readonly trail: AuditTrail;
  /** Asks the public and the private server, with the admin's token unless told otherwise. */
  readonly ask: ReturnType<typeof httpClient>;
  readonly askPrivate: ReturnType<typeof httpClient>;
  issue(change?: {
    permissions?: readonly Permission[];
    domains?: readonly string[] | '*';
    principal?: string;
  }): Promise<string>;
  close(): Promise<void>;
}

/** A server with these controllers on free ports of the loopback, with tokens and idempotency keys in memory. */
export async function aHttpServer(
  controllers: readonly Type[],
  change: Partial<HttpServerOptions> & {
    idempotency?: IdempotencyStore;
    clock?: Clock;
    hash?: KeyedHash;
    tokenPerMinute?: number;
  } = {},
): Promise<HttpWorld> {
  const random = new SystemRandom();
  const {
    idempotency = new MemoryIdempotencyStore(),
    clock = new SystemClock(),
    hash = new KeyedHash(new Uint8Array(32)),
    tokenPerMinute = 0,
    ...options
  } = change;
  const store = new MemoryTokenStore();
  const tokens = new LocalTokens(store, clock, random, { adminToken: null });
  const ids = new IdGenerator(clock, random);
  const log = recordingLog();
  const noQuota = { requestsPerMinute: 0, liveInstances: 0 };
  const quotas = new QuotaRules(new MemoryDomainQuotas(), noQuota, clock, () => undefined);
  const audit = { journal: new MemoryAuditJournal(), store: new MemoryAuditStore() };
  const trail = new AuditTrail(audit.journal, audit.store, aChain(), clock, 'spec', {
    onFault: (error) => log.error({ err: error }, 'audit'),
    onLinked: () => undefined,
  });
  const module: DynamicModule = {
    module: SpecModule,
    controllers: [...controllers],
    providers: [
      { provide: Clock, useValue: clock },
      { provide: IdGenerator, useValue: ids },
      { provide: IdempotencyStore, useValue: idempotency },
      { provide: KeyedHash, useValue: hash },
      { provide: RequestQuotas, useValue: new RequestQuotas(quotas, tokenPerMinute, new MemoryRateMeter(clock)) },
      { provide: AuditTrail, useValue: trail },
      { provide: TokenVerifier, useValue: tokens },
      { provide: Callers, useFactory: (verifier: TokenVerifier) => new Callers(verifier), inject: [TokenVerifier] },
    ],
  };
  const server = await createHttpServer({
    module,
    host: '127.0.0.1',
    ports: { public: 0, private: 0 },
    bodyLimit: 1024 * 1024,
    requestTimeoutMs: 15_000,
    docs: 'open',
    version: '0.0.0',
    holder: 'spec',
    log,
    ...options,
  });
  const addresses = await server.listen();
  const admin = (await tokens.ensureAdmin()) ?? '';
  return {
    server,
    addresses,
    log,
    idempotency,
    audit,
    trail,
    ask: httpClient(addresses.public ?? '', admin),
    askPrivate: httpClient(addresses.private ?? '', admin),
    async issue({ permissions = PERMISSIONS, domains = '*', principal = 'alice' } = {}) {
      const id = ids.next<TokenId>();
      const { text, hash } = tokens.newSecret(id);
      const scope: TokenDomains = domains === '*' ? '*' : domains.map((name) => name as DomainId);
      const owner = principal as PrincipalId;
      const about = { createdBy: owner, createdAt: clock.now(), expiresAt: null, lastUsedAt: null };
      await store.add({ id, principal: owner, name: 'spec', hash, permissions, domains: scope, ...about });
      return text;
    },
    async close() {
      await server.close(0);
    },
  };
}
