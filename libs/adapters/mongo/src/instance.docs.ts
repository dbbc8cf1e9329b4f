import type { HistoryChunk, Instance, InstanceHeader, InstanceRows, SlotGroup, Task } from '@flow/instances';
import { turnOf, type DagId, type DomainId, type WorkerId } from '@flow/kernel';
import type { Document } from './driver';
import { FIRST_ENDED_CODE, STATUS_CODE, type HistoryDoc, type InstanceDoc } from './collections';
import type { Newer } from './mongo';

export function instanceFrom({ doc }: Pick<InstanceDoc, 'doc'>): Instance {
  return JSON.parse(doc) as Instance;
}

export function headerFrom(row: InstanceDoc): InstanceHeader {
  const { owner, epoch, seq, wakeMs } = row;
  return { instance: instanceFrom(row), owner: owner as WorkerId | null, epoch, seq, wakeAt: wakeMs };
}

export function chunkFrom({ fromSeq, toSeq, events }: HistoryDoc): HistoryChunk {
  return { fromSeq, toSeq, events };
}

/** One text for a label's key and value. */
export function labelText(key: string, value: string): string {
  return JSON.stringify([key, value]);
}

/** One text for a group of slots; sorts by domain, DAG and key. */
export function slotText(domain: DomainId, dagId: string, key: string): string {
  return `${domain}\u0001${dagId}\u0001${key}`;
}

export function slotGroupOf(text: string): SlotGroup {
  const [domain = '', dagId = '', key = ''] = text.split('\u0001');
  return { domain: domain as DomainId, dagId: dagId as DagId, key };
}

/** Tasks of one instance stand together, in the order of their ids. */
export function taskKey(instance: string, id: string): string {
  return `${instance} ${id}`;
}

/** A header with all that it is asked by; a cursor only where there is one. */
export function headerFields({ header, cursor }: Pick<InstanceRows, 'header' | 'cursor'>): {
  readonly set: Document;
  readonly unset: Document;
} {
  const { instance, owner, seq, wakeAt } = header;
  const { domain, dagId, labels, rootId, attempt, endedAt, parentId, debug } = instance;
  const status = STATUS_CODE[instance.status];
  const hasEnded = status >= FIRST_ENDED_CODE;
  const slot = slotFields(instance, hasEnded);
  return {
    set: {
      domain,
      dagId,
      status,
      createdMs: Date.parse(instance.createdAt),
      labels: Object.entries(labels).map(([key, value]) => labelText(key, value)),
      owner,
      seq,
      wakeMs: wakeAt,
      doc: JSON.stringify(instance),
      ...(debug ? { expiresMs: Date.parse(debug.expiresAt) } : { listed: domain }),
      ...(attempt > 1 && { root: rootId, attempt }),
      ...(parentId !== null && { parent: parentId }),
      ...(hasEnded && !debug && endedAt !== null && { ended: domain, endedMs: Date.parse(endedAt) }),
      ...slot,
      ...(cursor && { cursor: { seq: cursor.seq, schema: cursor.schema, state: cursor.state } }),
    },
    unset: slot ? {} : { slot: '', slotWaits: '', slotTurn: '' },
  };
}

/** Of a live instance with a slot. */
function slotFields(
  { domain, dagId, slot, createdAt, priority, debug }: Instance,
  hasEnded: boolean,
): Document | undefined {
  if (!slot || debug || hasEnded) return undefined;
  const at = Date.parse(createdAt);
  return {
    slot: slotText(domain, dagId, slot.key),
    slotWaits: slot.queued ? 1 : 0,
    slotTurn: slot.queued ? turnOf({ at, priority }) : at,
  };
}

export function newerHeader(rows: InstanceRows): Newer {
  const { set, unset } = headerFields(rows);
  const { instance, epoch, seq } = rows.header;
  return {
    filter: { _id: instance.id, epoch, seq: { $lt: seq } },
    update: { $set: set, ...(Object.keys(unset).length > 0 && { $unset: unset }) },
  };
}

export function newerTask({ id: instance, domain, debug, createdBy }: Instance, seq: number, task: Task): Newer {
  const asked = debug ? askedOf(task).filter((one) => one === createdBy) : askedOf(task);
  return {
    filter: { _id: taskKey(instance, task.id), seq: { $lt: seq } },
    update: {
      $set: {
        instance,
        id: task.id,
        seq,
        doc: JSON.stringify(task),
        ...(asked.length > 0 && { askedIn: domain, asked }),
      },
      ...(asked.length === 0 && { $unset: { askedIn: '', asked: '' } }),
    },
  };
}

/** Whose approval a task waits for; what somebody has decided waits for others. */
function askedOf({ waitingFor }: Task): readonly string[] {
  if (waitingFor?.kind !== 'approval') return [];
  const { assignees, decisions } = waitingFor;
  return assignees.filter((assignee) => !decisions.some(({ by }) => by === assignee));
}

export function newerChunk(instance: string, { fromSeq, toSeq, events }: HistoryChunk): Newer {
  return {
    filter: { _id: `${instance} ${fromSeq}`, toSeq: { $lt: toSeq } },
    update: { $set: { instance, fromSeq, toSeq, events } },
  };
}
