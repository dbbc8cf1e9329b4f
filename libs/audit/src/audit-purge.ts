import type { Clock } from '@flow/kernel';
import { Repeated } from '@flow/platform';
import type { AuditChain } from './audit-chain';
import type { AuditStore } from './audit.store';

const DELAYS = { firstMs: 10 * 60_000, everyMs: 3_600_000 };
const A_STEP = 1_000;
const DOMAINS_A_READ = 100;

/** Removes records that are older than they are kept, the oldest first, every hour; what stays is still one chain behind a sealed base. */
export class AuditPurge extends Repeated {
  constructor(
    store: AuditStore,
    chain: AuditChain,
    clock: Clock,
    /** Infinity: for ever. */
    keptMs: number,
    onFault: (error: unknown) => void,
  ) {
    const purge = async (isStopped: () => boolean) => {
      if (keptMs === Infinity) return;
      const before = new Date(clock.now().getTime() - keptMs);
      let domains: Awaited<ReturnType<AuditStore['outdated']>>;
      do {
        domains = await store.outdated(before, DOMAINS_A_READ);
        for (const domain of domains)
          while (!isStopped() && (await store.removeOldest(domain, before, A_STEP, chain)) === A_STEP);
      } while (!isStopped() && domains.length === DOMAINS_A_READ);
    };
    super(clock, DELAYS, purge, onFault);
  }
}
