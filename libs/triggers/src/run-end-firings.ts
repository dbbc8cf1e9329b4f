import { RunEndListener, type Creation, type RunEnd } from '@flow/instances';
import type { Clock } from '@flow/kernel';
import type { FailurePause } from './failure-pause';
import type { Firings } from './firings';
import { endsOf, listenedDag } from './kinds/dag';
import { runEndEvent } from './run-end-event';
import type { Trigger } from './trigger';
import type { TriggerStore } from './trigger.store';

const READ_AT_ONCE = 1_000;
/** Other processes make listeners: they are read so often. */
const LOOK_MS = { shared: 1_000, alone: 60_000 };
/** What was read longer ago is not relied on: then every end is told. Where one process makes all listeners nothing gets old. */
const STALE_MS = { shared: 2_500, alone: Infinity };

/**
 * Fires the triggers that hang on ends of runs. Which DAGs are listened to is in memory, read often, and relied on only while it is fresh: an
 * acknowledged listener hears every end that comes after its acknowledgement, whichever process carries that run out.
 */
export class RunEndFirings extends RunEndListener {
  private listened = new Set<string>();
  /** When the reading of `listened` began. */
  private readAt = -Infinity;
  private isReading: Promise<void> | undefined;
  private cancelLook: (() => void) | undefined;
  private isStopped = false;

  constructor(
    private readonly triggers: TriggerStore,
    private readonly firings: Pick<Firings, 'accept'>,
    private readonly failures: FailurePause,
    private readonly clock: Clock,
    private readonly isShared: boolean,
    private readonly onFault: (error: unknown) => void,
  ) {
    super();
  }

  override wants({ domain, dagId, firing }: Pick<Creation, 'domain' | 'dagId' | 'firing'>): boolean {
    const isFresh = this.clock.monotonicMs() - this.readAt <= this.ofPlane(STALE_MS);
    return firing !== undefined || !isFresh || this.listened.has(nameOf(domain, dagId));
  }

  /** Durable for every listener when it resolves: the end is the key, so that one that is told again fires nothing. */
  override async ended(end: RunEnd): Promise<void> {
    for (const trigger of await this.triggers.lookUp('dag', end.dagId)) {
      if (trigger.domain !== end.domain || !endsOf(trigger.config).includes(end.status)) continue;
      const event = runEndEvent(trigger, end);
      await this.firings.accept(trigger, [{ key: end.instance, cause: 'dag', at: new Date(end.at), event }]);
    }
    await this.failures.count(end);
  }

  /** From now on it is known who listens; until the first reading every end is told. */
  async start(): Promise<void> {
    await this.read();
    this.arm();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancelLook?.();
    await this.isReading;
  }

  /** A trigger is new or another. When it resolves, all processes tell it of what ends from then on. */
  async changed({ kind, enabled }: Pick<Trigger, 'kind' | 'enabled'>): Promise<void> {
    if (kind !== 'dag' || !enabled) return;
    await this.read();
    if (this.isShared) await new Promise<void>((resolve) => this.clock.after(STALE_MS.shared, resolve));
  }

  private arm(): void {
    if (this.isStopped) return;
    this.cancelLook = this.clock.after(this.ofPlane(LOOK_MS), () => void this.read().finally(() => this.arm()));
  }

  /** Never rejects: what cannot be read gets old, and every end is told. */
  private async read(): Promise<void> {
    // One that is under way may have passed what has just changed.
    while (this.isReading) await this.isReading;
    this.isReading = this.readOnce().finally(() => (this.isReading = undefined));
    await this.isReading;
  }

  private async readOnce(): Promise<void> {
    const at = this.clock.monotonicMs();
    const listened = new Set<string>();
    try {
      for (let last: Trigger | undefined; ;) {
        const some = await this.triggers.enabled('dag', last?.id ?? '', READ_AT_ONCE);
        for (const { domain, config } of some) listened.add(nameOf(domain, listenedDag(config)));
        last = some.at(-1);
        if (some.length < READ_AT_ONCE) break;
      }
      this.listened = listened;
      this.readAt = at;
    } catch (error) {
      this.readAt = -Infinity;
      this.onFault(error);
    }
  }

  private ofPlane(of: { readonly shared: number; readonly alone: number }): number {
    return this.isShared ? of.shared : of.alone;
  }
}

function nameOf(domain: string, dagId: string): string {
  return `${domain} ${dagId}`;
}
