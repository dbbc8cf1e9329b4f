import {
  IDEMPOTENCY_KEEP_MS,
  IdempotencyStore,
  type IdempotencyScope,
  type IdempotencyStanding,
  type IdempotentRequest,
  type KeptAnswer,
} from '@flow/platform';
import type { KeyDoc } from './collections';
import { isDuplicate, type Mongo } from './mongo';

/** Idempotency keys: one document each, changed only as it was read. */
export class MongoIdempotencyStore extends IdempotencyStore {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async begin(request: IdempotentRequest): Promise<IdempotencyStanding> {
    for (;;) {
      const standing = await this.mongo.read(() => this.keys.findOne({ _id: keyOf(request) }));
      const answer = await this.take(request, standing);
      if (answer) return answer;
    }
  }

  override async finish(scope: IdempotencyScope, answer: KeptAnswer): Promise<void> {
    await this.mongo.write('idempotency.finish', () =>
      this.keys.updateOne({ _id: keyOf(scope), answer: null }, { $set: { answer: JSON.stringify(answer) } }),
    );
  }

  override async forget(scope: IdempotencyScope): Promise<void> {
    await this.mongo.write('idempotency.forget', () => this.keys.deleteOne({ _id: keyOf(scope), answer: null }));
  }

  override async purge(now: Date, limit: number): Promise<number> {
    const tooOld = { begunMs: { $lte: now.getTime() - IDEMPOTENCY_KEEP_MS } };
    const some = await this.mongo.read(() => this.keys.find(tooOld).sort({ begunMs: 1 }).limit(limit).toArray());
    const { deletedCount } = await this.mongo.write('idempotency.purge', () =>
      this.keys.deleteMany({ _id: { $in: some.map(({ _id }) => _id) }, ...tooOld }),
    );
    return deletedCount;
  }

  private get keys() {
    return this.mongo.collection('idempotency_keys');
  }

  /** undefined when the record is not what was read any more. */
  private async take(request: IdempotentRequest, standing: KeyDoc | null): Promise<IdempotencyStanding | undefined> {
    const nowMs = request.now.getTime();
    const { newId: reservedId, holder, bodyHash } = request;
    const leaseUntilMs = nowMs + request.leaseMs;
    if (!standing || standing.begunMs <= nowMs - IDEMPOTENCY_KEEP_MS) {
      const fresh: KeyDoc = {
        ...{ _id: keyOf(request), bodyHash, reservedId, holder, leaseUntilMs, begunMs: nowMs, answer: null },
      };
      return (await this.put(fresh, standing)) ? { kind: 'new', reservedId } : undefined;
    }
    if (standing.bodyHash !== bodyHash) return { kind: 'mismatch' };
    if (standing.answer !== null) return { kind: 'done', answer: JSON.parse(standing.answer) as KeptAnswer };
    if (standing.holder !== holder && standing.leaseUntilMs > nowMs) return { kind: 'in_progress' };
    const { matchedCount } = await this.mongo.write('idempotency.begin', () =>
      this.keys.updateOne(asRead(standing), { $set: { holder, leaseUntilMs } }),
    );
    return matchedCount === 1 ? { kind: 'resume', reservedId: standing.reservedId } : undefined;
  }

  /** A new record, in the place of one that is too old. */
  private async put(fresh: KeyDoc, standing: KeyDoc | null): Promise<boolean> {
    return this.mongo.write('idempotency.begin', async () => {
      if (standing) return (await this.keys.replaceOne(asRead(standing), fresh)).matchedCount === 1;
      try {
        await this.keys.insertOne(fresh);
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    });
  }
}

function asRead({ _id, holder, leaseUntilMs, begunMs, answer }: KeyDoc) {
  return { _id, holder, leaseUntilMs, begunMs, answer };
}

export function keyOf({ domain, principal, route, key }: IdempotencyScope): string {
  return JSON.stringify([domain, principal, route, key]);
}
