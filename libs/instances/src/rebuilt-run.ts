import { SnapshotUnreadable, advance, newRun, readsSnapshot, restore, type Plan, type RunState } from '@flow/engine';
import type { WorkerId } from '@flow/kernel';
import type { Creation } from './creation';
import { debugRunOf } from './debug-run';
import { bornRun, decodeStart } from './instance-births.store';
import type { Cursor, InstanceHeader, StoredRun } from './instance.store';
import { LiveRun } from './live-run';
import type { PlanCache } from './plan-cache';
import { decodeChunk } from './transition';

/** A run as its rows have it, to go on under this owner and epoch. Throws what `PlanCache.of` throws, and SnapshotUnreadable. */
export async function rebuiltRun(
  plans: PlanCache,
  stored: StoredRun,
  owner: WorkerId,
  epoch: number,
): Promise<LiveRun> {
  const { instance, seq } = stored.header;
  const plan = await plans.of(instance);
  return new LiveRun(instance.id, creationOf(stored.header), plan, foldStored(plan, stored), owner, epoch, seq);
}

/** The state that a stored run's cursor and history come to. Chunks are written before the header: what is behind it is not known yet. */
export function foldStored(plan: Plan, { header, cursor, history }: StoredRun): RunState {
  let run = cursor ? stateAt(plan, cursor) : undefined;
  let seq = cursor?.seq ?? 0;
  for (const chunk of history) {
    decodeChunk(chunk.events).forEach((events, i) => {
      if (chunk.fromSeq + i <= seq || chunk.fromSeq + i > header.seq) return;
      seq = chunk.fromSeq + i;
      for (const event of events) {
        if (event.type === 'started') run ??= newRun(plan, event);
        if (run) advance(plan, run, event);
      }
    });
  }
  if (!run || seq !== header.seq)
    throw new Error(
      `The history of instance ${header.instance.id} ends at ${seq}, but its header is at ${header.seq}.`,
    );
  return run;
}

function stateAt(plan: Plan, { seq, schema, state }: Cursor): RunState {
  if (seq > 0) return restore(plan, state, schema);
  if (!readsSnapshot(schema)) throw new SnapshotUnreadable(schema);
  return bornRun(plan, decodeStart(state));
}

function creationOf({ instance }: InstanceHeader): Creation {
  const { domain, dagId, version, priority, labels, trigger, createdBy, attempt, retryOf, rootId } = instance;
  const { parent = null, depth = 0, chain, firing, callbackUrl, traceparent, slot, debug } = instance;
  const fixed = { domain, dagId, version, priority, labels, trigger, createdBy, attempt, retryOf, rootId };
  return {
    ...fixed,
    parent,
    depth,
    ...(chain !== undefined && { chain }),
    ...(firing !== undefined && { firing }),
    ...(callbackUrl !== undefined && { callbackUrl }),
    ...(traceparent !== undefined && { traceparent }),
    ...(slot && { slot: slot.key }),
    ...(debug && { debug: debugRunOf(debug) }),
  };
}
