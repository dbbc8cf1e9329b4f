import {
  IDEMPOTENCY_KEEP_MS,
  IdempotencyStore,
  type IdempotencyScope,
  type IdempotencyStanding,
  type IdempotentRequest,
  type KeptAnswer,
} from '@flow/platform';

interface KeptRecord {
  readonly reservedId: string;
  readonly bodyHash: string;
  readonly createdMs: number;
  holder: string;
  leaseEndsMs: number;
  answer?: KeptAnswer;
}

const keyOf = ({ domain, principal, route, key }: IdempotencyScope): string =>
  JSON.stringify([domain, principal, route, key]);

/** An IdempotencyStore that forgets everything with the process: for specs that are about something else. */
export class MemoryIdempotencyStore extends IdempotencyStore {
  private readonly records = new Map<string, KeptRecord>();

  override async begin(request: IdempotentRequest): Promise<IdempotencyStanding> {
    const nowMs = request.now.getTime();
    const record = this.records.get(keyOf(request));
    if (!record || nowMs - record.createdMs >= IDEMPOTENCY_KEEP_MS) {
      const { newId: reservedId, bodyHash, holder, leaseMs } = request;
      this.records.set(keyOf(request), {
        reservedId,
        bodyHash,
        createdMs: nowMs,
        holder,
        leaseEndsMs: nowMs + leaseMs,
      });
      return { kind: 'new', reservedId };
    }
    if (record.bodyHash !== request.bodyHash) return { kind: 'mismatch' };
    if (record.answer) return { kind: 'done', answer: record.answer };
    if (record.holder !== request.holder && nowMs < record.leaseEndsMs) return { kind: 'in_progress' };
    record.holder = request.holder;
    record.leaseEndsMs = nowMs + request.leaseMs;
    return { kind: 'resume', reservedId: record.reservedId };
  }

  override async finish(scope: IdempotencyScope, answer: KeptAnswer): Promise<void> {
    const record = this.records.get(keyOf(scope));
    if (record) record.answer ??= answer;
  }

  override async forget(scope: IdempotencyScope): Promise<void> {
    if (!this.records.get(keyOf(scope))?.answer) this.records.delete(keyOf(scope));
  }

  override async purge(now: Date, limit: number): Promise<number> {
    const old = [...this.records]
      .filter(([, { createdMs }]) => now.getTime() - createdMs >= IDEMPOTENCY_KEEP_MS)
      .slice(0, limit);
    for (const [key] of old) this.records.delete(key);
    return old.length;
  }
}
