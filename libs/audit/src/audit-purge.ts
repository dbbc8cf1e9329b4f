import type { Clock } from '@flow/kernel';
import type { AuditChain } from './audit-chain';
import type { AuditStore } from './audit.store';

const EVERY_MS = 3_600_000;
const A_STEP = 1_000;
const DOMAINS_A_READ = 100;

/** Removes records that are older than they are kept, the oldest first, every hour; what stays is still one chain behind a sealed base. */
export class AuditPurge {
  private cancel: (() => void) | undefined;
  private running: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    private readonly store: AuditStore,
    private readonly chain: AuditChain,
    private readonly clock: Clock,
    /** Infinity: for ever. */
    private readonly keptMs: number,
    private readonly onFault: (error: unknown) => void,
  ) {}

  start(): void {
    if (this.keptMs === Infinity) return;
    this.cancel = this.clock.after(EVERY_MS, () => {
      this.running = this.purge()
        .catch((error: unknown) => this.onFault(error))
        .finally(() => !this.isStopped && this.start());
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancel?.();
    await this.running;
  }

  async purge(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - this.keptMs);
    let domains: Awaited<ReturnType<AuditStore['outdated']>>;
    do {
      domains = await this.store.outdated(before, DOMAINS_A_READ);
      for (const domain of domains)
        while (!this.isStopped && (await this.store.removeOldest(domain, before, A_STEP, this.chain)) === A_STEP);
    } while (!this.isStopped && domains.length === DOMAINS_A_READ);
  }
}
