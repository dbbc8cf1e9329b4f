import type { Failure, RunState } from '@flow/engine';
import type { DagId, DomainId, InstanceId, Json } from '@flow/kernel';
import type { Creation } from './creation';

/** How a run has ended, for those who hang on it. `result` may hold large values of the instance. */
export interface RunEnd {
  readonly domain: DomainId;
  readonly dagId: DagId;
  readonly instance: InstanceId;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly trigger: Creation['trigger'];
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly result: Json;
  readonly reason: Failure | null;
  readonly at: number;
  /** Ends of runs that have led to this one, each to the next. */
  readonly chain: number;
  /** `Creation.firing`. */
  readonly firing?: string;
}

/** Whoever hangs on ends of runs; a lib above. Debug runs are nobody's news. */
export abstract class RunEndListener {
  /**
   * Whether anybody is to hear of the end of this run: asked at that moment, so answered from memory. One who says no is not told, one who says
   * yes without need is told for nothing.
   */
  abstract wants(creation: Pick<Creation, 'domain' | 'dagId' | 'firing'>): boolean;

  /** Told once the end is in the rows, and again until it resolves, maybe by several processes: hearing it twice must change nothing. */
  abstract ended(end: RunEnd): Promise<void>;
}

/** The message that the end of this run writes for those who hang on it. */
export function endOf(
  run: { readonly id: InstanceId; readonly creation: Creation; readonly state: RunState },
  listener: RunEndListener | undefined,
): readonly [] | readonly [RunEnd & { readonly kind: 'ended' }] {
  const { outcome } = run.state;
  const { creation } = run;
  if (!listener || !outcome || creation.debug || !listener.wants(creation)) return [];
  const { domain, dagId, version, labels, trigger, chain = 0, firing } = creation;
  const { status, result, failure, at } = outcome;
  const about = {
    domain,
    dagId,
    instance: run.id,
    version,
    labels,
    trigger,
    chain,
    ...(firing !== undefined && { firing }),
  };
  return [{ kind: 'ended', ...about, status, result, reason: failure, at }];
}
