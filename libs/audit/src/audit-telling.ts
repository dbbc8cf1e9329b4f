import { cloudEvent, type EventOutbox, type EventRelay, type WaitingEvent } from '@flow/events';
import type { Clock } from '@flow/kernel';
import { viewOf, type AuditRecordView } from './audit-view';
import type { AuditRecord } from './audit-record';
import type { AuditStore } from './audit.store';

const LOOK_MS = 1_000;
const DOMAINS_A_LOOK = 100;
const RECORDS_A_READ = 500;
const SEQUENCE_DIGITS = 12;
/** While so many events wait to be told, records wait where they stand anyway. */
const MOST_WAITING = 10_000;

/** What a record is told as: the same bytes at every repetition. */
export function auditEventOf(record: AuditRecord): WaitingEvent {
  const { domain } = record;
  const sequence = String(record.sequence).padStart(SEQUENCE_DIGITS, '0');
  const id = `audit:${domain}:${sequence}`;
  const at = record.endedAt.getTime();
  const source = `/flow-automation/${encodeURIComponent(domain)}`;
  const event = cloudEvent<AuditRecordView & { readonly businessDomain: string }>({
    ...{ id, source, type: 'automation.audit.recorded', subject: record.id, sequence, at },
    data: { businessDomain: domain, ...viewOf(record) },
  });
  return { id, topic: 'audit', key: domain, at, body: JSON.stringify(event) };
}

/**
 * Brings records that stand to the outbox of events, in their order for each business domain. How far it has come stands with the head, and is written after
 * the outbox has them: a death between the two, or another process that takes over just then, puts them there under the same ids once more.
 */
export class AuditTelling {
  private isOn = false;
  private running: Promise<void> | undefined;
  private again = false;
  private cancelLook: () => void = () => undefined;

  constructor(
    private readonly store: AuditStore,
    private readonly outbox: EventOutbox,
    private readonly clock: Clock,
    private readonly relay: Pick<EventRelay, 'isLeading' | 'wake'>,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** Begins with what earlier processes have left. */
  start(): void {
    this.isOn = true;
    this.look();
  }

  /** Records stand that did not before. */
  wake(): void {
    this.look();
  }

  async stop(): Promise<void> {
    this.isOn = false;
    this.cancelLook();
    await this.running;
  }

  private look(): void {
    if (!this.isOn) return;
    this.cancelLook();
    if (this.running) this.again = true;
    else
      this.running = this.work().finally(() => {
        this.running = undefined;
        if (this.isOn) this.cancelLook = this.clock.after(this.again ? 0 : LOOK_MS, () => this.look());
      });
  }

  /** Never rejects. */
  private async work(): Promise<void> {
    this.again = false;
    try {
      while (this.isOn && (await this.tellSome()));
    } catch (error) {
      this.onFault(error);
    }
  }

  /** Whether there may be more. */
  private async tellSome(): Promise<boolean> {
    // Any process may; that one does keeps records from being told once by each.
    if (!this.relay.isLeading) return false;
    const domains = await this.store.untold(DOMAINS_A_LOOK);
    if (domains.length === 0 || (await this.outbox.backlog()).count >= MOST_WAITING) return false;
    for (const { domain, told } of domains) {
      const records = await this.store.behind(domain, told, RECORDS_A_READ);
      const last = records.at(-1);
      // What was told of is gone, by whatever hand: there is nothing to tell, and the next record is the next event.
      if (!last) await this.store.markTold(domain, Number.MAX_SAFE_INTEGER);
      else {
        await this.outbox.put(records.map(auditEventOf));
        this.relay.wake();
        await this.store.markTold(domain, last.sequence);
      }
    }
    return true;
  }
}
