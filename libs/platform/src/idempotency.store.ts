import type { DomainId, PrincipalId } from '@flow/kernel';

/** How long a key is remembered, from its first request. */
export const IDEMPOTENCY_KEEP_MS = 24 * 60 * 60 * 1000;

/** Whose key it is: two principals, two domains or two routes never meet. */
export interface IdempotencyScope {
  readonly domain: DomainId;
  readonly principal: PrincipalId;
  /** Method and pattern, as in `POST /dags/:id/run`. */
  readonly route: string;
  readonly key: string;
}

/** What the first request was answered, byte for byte. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface IdempotentRequest extends IdempotencyScope {
  /** Hash of all that the request asks for, under a key (KeyedHash): the same text means the same request, and tells nothing of it. */
  readonly bodyHash: string;
  /** The id that the thing to be created gets, should this request be the first. */
  readonly newId: string;
  /**
   * Who will do the work. A process that no other can stand beside (standalone holds its folder's lock) keeps its name over
   * restarts and so resumes at once; others take a new name at every start, and what they leave is free when the lease is over.
   */
  readonly holder: string;
  readonly leaseMs: number;
  readonly now: Date;
}

export type IdempotencyStanding =
  /** The key was free and is now taken: create with this id. */
  | { readonly kind: 'new'; readonly reservedId: string }
  /** Begun and never answered: repeat the effect with the same id; that the id exists already means it was done. */
  | { readonly kind: 'resume'; readonly reservedId: string }
  | { readonly kind: 'done'; readonly answer: KeptAnswer }
  /** Another holder is at it and its lease has not run out. */
  | { readonly kind: 'in_progress' }
  /** The key stands for a request that asked for something else. */
  | { readonly kind: 'mismatch' };

/**
 * Makes one effect of many equal requests: the key reserves the id of what is created, before it is created. So no write needs
 * to span this store and the one of the feature: whatever happens in between, the repeat creates the same id again.
 *
 *     free ──begin──▶ held ──finish──▶ answered ──24 h──▶ free
 *      ▲               │ ▲
 *      └────forget─────┘ └─ begin by the same holder, or after the lease: resume
 *
 * Requests of one holder take turns before they come here (libs/http does that).
 */
export abstract class IdempotencyStore {
  /** Atomically takes the key or tells how it stands; durable when it returns. Records older than IDEMPOTENCY_KEEP_MS count as free. */
  abstract begin(request: IdempotentRequest): Promise<IdempotencyStanding>;

  /** Keeps the answer; the first one stands. Without a record there is nothing to keep. */
  abstract finish(scope: IdempotencyScope, answer: KeptAnswer): Promise<void>;

  /** Frees a key whose request failed before it had an effect. An answered one stays. */
  abstract forget(scope: IdempotencyScope): Promise<void>;

  /** Removes at most `limit` records that are too old; gives how many it removed. */
  abstract purge(now: Date, limit: number): Promise<number>;
}
