import type { Clock, DomainId } from '@flow/kernel';
import type { AuditChain } from './audit-chain';
import type { AuditJournal } from './audit-journal.store';
import type { AuditResult, AuditedCommand, FinishedCommand } from './audit-record';
import type { AuditStore } from './audit.store';
import { AuditBehind } from './audit.errors';
import { Denials } from './denials';
import { JournalWriter } from './journal-writer';

/** Finished commands wait so long for others before they are linked. */
const GATHER_MS = 250;
const LINKED_AT_ONCE = 500;
/** Past it no further command is carried out until some are linked. */
const MOST_WAITING = 20_000;
const LOOK_FOR_ABANDONED_MS = 30_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** Clocks of processes differ, and an answer may be on its way: an entry is abandoned so long after its time was over. */
const SLACK_MS = 5 * 60_000;

export interface AuditTrailEvents {
  /** Records could not be written; they wait, and it is tried again. */
  onFault(error: unknown): void;
  /** Records stand that did not before. */
  onLinked(count: number): void;
}

/**
 * Every command has a record, whatever dies: it stands in the journal before it is carried out, and leaves it when its record stands.
 *
 *     begin ─→ in the journal ─→ carried out ─→ end ─→ linked (a batch at a time) ─→ out of the journal
 *                    └──────── its process dies ─────→ linked as `unknown` by the next start, or by another process
 *     note ──→ in the journal with its result ────────→ linked ...                     what is refused before it begins
 */
export class AuditTrail {
  private readonly writer: JournalWriter;
  private readonly denials: Denials;
  private readonly begun = new Map<string, AuditedCommand>();
  private finished: FinishedCommand[] = [];
  private linking: Promise<void> | undefined;
  private failures = 0;
  private isOn = false;
  private cancelLink: (() => void) | undefined;
  private cancelLook: (() => void) | undefined;

  constructor(
    private readonly journal: AuditJournal,
    private readonly store: AuditStore,
    private readonly chain: AuditChain,
    private readonly clock: Clock,
    /** Of this process, as none before it had it. */
    private readonly owner: string,
    private readonly events: AuditTrailEvents,
  ) {
    this.writer = new JournalWriter(journal);
    this.denials = new Denials(clock);
  }

  /** How many wait for their records in this process. */
  get waiting(): number {
    return this.begun.size + this.finished.length;
  }

  /** Begins with what earlier processes have left. */
  async start(): Promise<void> {
    this.isOn = true;
    await this.lookForAbandoned();
  }

  /** Links what is finished, if that takes no longer than this; what is left stands in the journal. */
  async stop(withinMs: number): Promise<void> {
    this.isOn = false;
    this.cancelLook?.();
    for (const { first, count } of this.denials.takeCounted(true)) await this.noteCounted(first, count);
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = this.clock.after(withinMs, resolve);
    });
    await Promise.race([this.settled().catch((error: unknown) => this.events.onFault(error)), late]);
    cancel();
    this.cancelLink?.();
  }

  /** The command may be carried out when this resolves. `withinMs`: how long that takes at most. @throws AuditBehind, and what keeps the journal from being written */
  async begin(command: AuditedCommand, withinMs: number): Promise<void> {
    if (this.waiting >= MOST_WAITING) throw new AuditBehind(this.waiting);
    this.begun.set(command.id, command);
    try {
      await this.writer.add({ command, result: null, owner: this.owner, abandonedAt: this.abandonedAt(withinMs) });
    } catch (error) {
      this.begun.delete(command.id);
      throw error;
    }
  }

  /** What became of it, and what is known of its object only now. */
  end(id: string, result: AuditResult, known: Partial<Pick<AuditedCommand, 'object' | 'details'>> = {}): void {
    const command = this.begun.get(id);
    if (!command) return;
    this.begun.delete(id);
    this.finish({ ...command, ...known, ...result });
  }

  /** One that was answered without being carried out; resolves when it will have a record. */
  async note(command: AuditedCommand, result: AuditResult): Promise<void> {
    if (this.waiting >= MOST_WAITING) throw new AuditBehind(this.waiting);
    await this.writer.add({ command, result, owner: this.owner, abandonedAt: this.abandonedAt(0) });
    this.finish({ ...command, ...result });
  }

  /** As `note`, of one that was denied: what one token is denied again and again is counted. */
  async noteDenied(command: AuditedCommand, result: AuditResult): Promise<void> {
    if (this.denials.admit(command)) await this.note(command, result);
  }

  /** Resolves when all that was finished before is linked. */
  async settled(): Promise<void> {
    while (this.finished.length > 0 || this.linking) await (this.linking ?? this.link());
  }

  private finish(command: FinishedCommand): void {
    this.finished.push(command);
    if (this.failures > 0) return;
    if (this.finished.length >= LINKED_AT_ONCE) this.linkSoon(0);
    else this.linkSoon(GATHER_MS);
  }

  private linkSoon(delayMs: number): void {
    if (delayMs > 0 && this.cancelLink) return;
    this.cancelLink?.();
    this.cancelLink = this.clock.after(delayMs, () => {
      this.cancelLink = undefined;
      this.link().catch(() => undefined);
    });
  }

  /** One at a time; what cannot be linked stays. */
  private link(): Promise<void> {
    this.linking ??= this.linkAll().finally(() => {
      this.linking = undefined;
    });
    return this.linking;
  }

  private async linkAll(): Promise<void> {
    try {
      while (this.finished.length > 0) {
        const some = this.finished.slice(0, LINKED_AT_ONCE);
        await this.linkThese(some);
        this.finished.splice(0, some.length);
      }
      this.failures = 0;
    } catch (error) {
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.failures, LONGEST_PAUSE_MS);
      this.failures += 1;
      this.events.onFault(error);
      if (this.isOn) this.linkSoon(pauseMs);
      throw error;
    }
  }

  /** Stands in the trail before it leaves the journal: a death between the two finds it in both. */
  private async linkThese(commands: readonly FinishedCommand[]): Promise<void> {
    const domains = new Map<DomainId, FinishedCommand[]>();
    for (const command of commands) {
      const same = domains.get(command.domain);
      if (same) same.push(command);
      else domains.set(command.domain, [command]);
    }
    for (const [domain, same] of domains) await this.store.append(domain, same, this.chain);
    await this.journal.remove(commands.map(({ id }) => id));
    this.events.onLinked(commands.length);
  }

  /** Never rejects. */
  private async lookForAbandoned(): Promise<void> {
    try {
      for (const { first, count } of this.denials.takeCounted()) await this.noteCounted(first, count);
      for (;;) {
        const now = this.clock.now();
        const entries = await this.journal.abandoned(this.owner, now, LINKED_AT_ONCE);
        const unknown: AuditResult = { outcome: 'unknown', endedAt: now, status: null, code: null };
        if (entries.length > 0)
          await this.linkThese(entries.map(({ command, result }) => ({ ...command, ...(result ?? unknown) })));
        if (entries.length < LINKED_AT_ONCE) break;
      }
    } catch (error) {
      this.events.onFault(error);
    }
    if (this.isOn) this.cancelLook = this.clock.after(LOOK_FOR_ABANDONED_MS, () => void this.lookForAbandoned());
  }

  private async noteCounted(first: AuditedCommand, count: number): Promise<void> {
    const now = this.clock.now();
    const command = {
      ...first,
      at: now,
      action: 'audit.unrecorded',
      details: { count, since: first.at.toISOString(), first: first.action },
    };
    await this.note(command, { outcome: 'refused', endedAt: now, status: null, code: null });
  }

  private abandonedAt(withinMs: number): Date {
    return new Date(this.clock.now().getTime() + withinMs + SLACK_MS);
  }
}
