import { Injectable } from '@nestjs/common';
import { Clock, type DomainId } from '@flow/kernel';
import { SecretBox } from './secret-box';
import { SecretReader, type RevealedSecret } from './secret.reader';
import { SecretStore, type StoredSecret } from './secret.store';

const MOST_KEPT = 1_000;
const MOST_KEPT_CHARACTERS = 4 * 1024 * 1024;
/** What another process changes is seen here this late at most; this process sees its own changes at once. */
export const REVEALED_FOR_MS = 10_000;

interface Kept {
  readonly secret: RevealedSecret;
  readonly untilMs: number;
}

/** Where the envelope of a secret's value belongs. */
export function placeOf({ domain, id }: Pick<StoredSecret, 'domain' | 'id'>) {
  return { tenant: domain, type: 'secret', id, field: 'value' };
}

/** Opens stored secrets and keeps a bounded number of them in memory, the ones not asked for longest leaving first. */
@Injectable()
export class StoredSecretReader extends SecretReader {
  private readonly kept = new Map<string, Kept>();
  private characters = 0;
  private changes = 0;

  constructor(
    private readonly store: SecretStore,
    private readonly box: SecretBox,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async reveal(domain: DomainId, names: readonly string[]): Promise<ReadonlyMap<string, RevealedSecret>> {
    const revealed = new Map<string, RevealedSecret>();
    const missing: string[] = [];
    for (const name of new Set(names)) {
      const kept = this.recall(keyOf(domain, name));
      if (kept) revealed.set(name, kept);
      else missing.push(name);
    }
    if (missing.length === 0) return revealed;
    const { changes } = this;
    for (const stored of await this.store.findMany(domain, missing)) {
      const secret = { value: this.box.open(stored.envelope, placeOf(stored)), hosts: stored.hosts };
      revealed.set(stored.name, secret);
      // What changed while it was read is not kept.
      if (changes === this.changes) this.keep(keyOf(domain, stored.name), secret);
    }
    return revealed;
  }

  /** Called after each change of a secret. */
  forget(domain: DomainId, name: string): void {
    this.changes += 1;
    this.drop(keyOf(domain, name));
  }

  private recall(key: string): RevealedSecret | undefined {
    const kept = this.kept.get(key);
    if (!kept) return undefined;
    this.kept.delete(key);
    if (kept.untilMs <= this.clock.monotonicMs()) {
      this.characters -= kept.secret.value.length;
      return undefined;
    }
    this.kept.set(key, kept);
    return kept.secret;
  }

  private keep(key: string, secret: RevealedSecret): void {
    this.drop(key);
    this.kept.set(key, { secret, untilMs: this.clock.monotonicMs() + REVEALED_FOR_MS });
    this.characters += secret.value.length;
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MOST_KEPT && this.characters <= MOST_KEPT_CHARACTERS) break;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    const kept = this.kept.get(key);
    if (!kept) return;
    this.kept.delete(key);
    this.characters -= kept.secret.value.length;
  }
}

function keyOf(domain: DomainId, name: string): string {
  return `${domain}/${name}`;
}
