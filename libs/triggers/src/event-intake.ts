import type { JsonObject } from '@flow/kernel';
import type { Batches } from './batches';
import type { FiringReason } from './firing';
import type { Accepted, Firings } from './firings';
import { KINDS } from './kinds';
import { wantsType } from './kinds/event';
import type { Trigger } from './trigger';

/** One write: so many firings, of so many bytes of events. */
const ROWS_A_WRITE = 500;
const BYTES_A_WRITE = 2 * 1024 * 1024;
/** Of events that are accepted and not started yet; whoever brings more has to wait. */
const BYTES_HELD = 64 * 1024 * 1024;

/** An event that came from outside, for all triggers that it concerns. */
export interface ArrivedEvent {
  /** Of its source, the only one. */
  readonly key: string;
  readonly at: Date;
  readonly event: JsonObject;
  /** As it came. */
  readonly bytes: number;
  /** Nobody can read it. */
  readonly dead?: FiringReason;
}

/** Brings events to triggers: durable when it resolves, in few writes, and no more in memory than there is room for. */
export class EventIntake {
  private held = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly firings: Firings,
    private readonly batches: Batches,
  ) {}

  /** Enabled triggers; each takes those whose type it wants, and what nobody can read. */
  async take(triggers: readonly Trigger[], events: readonly ArrivedEvent[]): Promise<readonly Accepted[]> {
    const taken: Accepted[] = [];
    for (const trigger of triggers) {
      const wanted = events.filter(({ dead, event }) => dead || wantsType(trigger, event.type as string));
      for (const some of pieces(wanted)) taken.push(...(await this.takeSome(trigger, some)));
    }
    return taken;
  }

  private async takeSome(trigger: Trigger, events: readonly ArrivedEvent[]): Promise<readonly Accepted[]> {
    while (this.held > BYTES_HELD) await new Promise<void>((resolve) => this.waiting.push(resolve));
    const accepted = await this.firings.accept(
      trigger,
      events.map(({ key, at, event, dead }) => ({ key, at, event, cause: 'event', ...(dead && { dead }) })),
    );
    for (const [i, { outcome }] of accepted.entries()) if (outcome) this.hold(events[i]?.bytes ?? 0, outcome);
    const batch = KINDS[trigger.kind].batch?.(trigger.config);
    const gathered = accepted.find(({ firing, isNew }) => isNew && firing.status === 'gathering');
    if (batch && gathered) this.batches.gathered(trigger, gathered.firing.dueAt);
    return accepted;
  }

  private hold(bytes: number, until: Promise<unknown>): void {
    this.held += bytes;
    void until.then(() => {
      this.held -= bytes;
      if (this.held <= BYTES_HELD) for (const resolve of this.waiting.splice(0)) resolve();
    });
  }
}

function pieces(events: readonly ArrivedEvent[]): ArrivedEvent[][] {
  const all: ArrivedEvent[][] = [];
  let [piece, bytes]: [ArrivedEvent[], number] = [[], 0];
  for (const event of events) {
    if (piece.length > 0 && (piece.length >= ROWS_A_WRITE || bytes + event.bytes > BYTES_A_WRITE)) {
      all.push(piece);
      [piece, bytes] = [[], 0];
    }
    piece.push(event);
    bytes += event.bytes;
  }
  if (piece.length > 0) all.push(piece);
  return all;
}
