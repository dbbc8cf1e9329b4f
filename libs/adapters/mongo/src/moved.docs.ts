import { hostOf, laneOf, type StoredWebhookSecret } from '@flow/deliveries';
import type { InstanceRows, LogLine, OutboxItem, Task } from '@flow/instances';
import type { DagId, DomainId, InstanceId } from '@flow/kernel';
import type { DagContent } from '@flow/dags';
import type { DocumentPart, Entry, MovedDelivery, MovedDocuments } from '@flow/moving';
import type { KeptAnswer } from '@flow/platform';
import type { CollectionName, Collections } from './collections';
import { factsIn, outboxOf } from './dag-outbox.mongo';
import { dagFrom, docFrom, versionDocFrom, versionKey, versionSummaryFrom } from './dag-store.mongo';
import { dagKey } from './dag.docs';
import { STATUSES, STATUS_CODE } from './delivery-store.mongo';
import { eventDocFrom, waitingEventFrom } from './event-outbox.mongo';
import { keyOf as idempotencyKeyOf } from './idempotency-store.mongo';
import { chunkFrom, headerFields, headerFrom, newerTask, slotGroupOf, slotText, taskKey } from './instance.docs';
import { docFrom as lineDocFrom } from './task-log.mongo';

/** How a part stands in a collection: the document of an entry, its id by the entry's key, and the entry that a document holds. */
export interface Shape<T, N extends CollectionName> {
  readonly collection: N;
  readonly idOf: (key: string) => string;
  readonly docOf: (content: T) => Collections[N] & { readonly _id: string };
  readonly entryOf: (doc: Collections[N]) => Entry<T>;
}

const partsOf = (key: string): readonly (string | number)[] => JSON.parse(key) as (string | number)[];
const spaced = (key: string): string => partsOf(key).join(' ');
const asIs = (key: string): string => key;

const versions: Shape<MovedDocuments['versions'], 'dag_versions'> = {
  collection: 'dag_versions',
  idOf: (key) => {
    const [domain, id, version] = partsOf(key);
    return versionKey(dagKey(String(domain) as DomainId, String(id)), String(version));
  },
  docOf: ({ dagId, domain, content, ...about }) =>
    versionDocFrom(dagKey(domain, dagId), about, JSON.stringify(content)),
  entryOf: (doc) => {
    // No domain has a blank in its name.
    const [domain = '', id = ''] = doc.dag.split(' ');
    const summary = versionSummaryFrom(domain as DomainId, id as DagId, doc);
    const content = { ...summary, content: JSON.parse(doc.content) as DagContent };
    return { key: JSON.stringify([domain, id, doc.version]), content };
  },
};

const dags: Shape<MovedDocuments['dags'], 'dags'> = {
  collection: 'dags',
  idOf: spaced,
  docOf: ({ dag, versionBy, versionAt, isDeleted, facts = [] }) => {
    const doc = { ...docFrom(dag, { versionBy, versionAt }), ...outboxOf(facts) };
    return isDeleted ? { ...doc, titleKey: doc._id } : { ...doc, listed: dag.domain };
  },
  entryOf: (doc) => ({
    key: JSON.stringify([doc.domain, doc.id]),
    content: {
      ...{ dag: dagFrom(doc), versionBy: doc.versionBy, versionAt: doc.versionAt },
      isDeleted: doc.listed === undefined,
      ...(doc.outbox && { facts: factsIn(doc) }),
    },
  }),
};

const instances: Shape<MovedDocuments['instances'], 'instances'> = {
  collection: 'instances',
  idOf: asIs,
  docOf: ({ header, cursor }) => {
    const { set } = headerFields({ header, ...(cursor && { cursor }) });
    return { _id: header.instance.id, epoch: header.epoch, ...set } as unknown as Collections['instances'];
  },
  entryOf: (doc) => ({ key: doc._id, content: { header: headerFrom(doc), cursor: doc.cursor ?? null } }),
};

const tickets: Shape<MovedDocuments['tickets'], 'slot_tickets'> = {
  collection: 'slot_tickets',
  idOf: asIs,
  docOf: ({ id, group: { domain, dagId, key }, place }) => ({
    ...{ _id: id, slot: slotText(domain, dagId, key), place },
  }),
  entryOf: ({ _id, slot, place }) => ({
    key: _id,
    content: { id: _id as InstanceId, group: slotGroupOf(slot), place },
  }),
};

const tasks: Shape<MovedDocuments['tasks'], 'tasks'> = {
  collection: 'tasks',
  idOf: (key) => {
    const [instance, id] = partsOf(key);
    return taskKey(String(instance), String(id));
  },
  docOf: ({ instance, seq, task }) => ({
    ...{ _id: taskKey(instance, task.id), instance, id: task.id, seq, doc: JSON.stringify(task) },
  }),
  entryOf: (doc) => {
    const instance = doc.instance as InstanceId;
    return {
      key: JSON.stringify([instance, doc.id]),
      content: { instance, seq: doc.seq, task: JSON.parse(doc.doc) as Task },
    };
  },
};

/** A task that waits for people stands with those whom it asks; that takes its instance. */
export function askingDoc(
  { seq, task }: MovedDocuments['tasks'],
  { instance }: InstanceRows['header'],
): Collections['tasks'] {
  const { $set } = newerTask(instance, seq, task).update as { $set: Omit<Collections['tasks'], '_id'> };
  return { _id: taskKey(instance.id, task.id), ...$set };
}

const history: Shape<MovedDocuments['history'], 'history'> = {
  collection: 'history',
  idOf: spaced,
  docOf: ({ instance, chunk }) => ({ _id: `${instance} ${chunk.fromSeq}`, instance, ...chunk }),
  entryOf: (doc) => ({
    key: JSON.stringify([doc.instance, doc.fromSeq]),
    content: { instance: doc.instance as InstanceId, chunk: chunkFrom(doc) },
  }),
};

const messages: Shape<MovedDocuments['messages'], 'outbox'> = {
  collection: 'outbox',
  idOf: asIs,
  docOf: ({ instance, item }) => ({ _id: item.id, instance, message: JSON.stringify(item.message) }),
  entryOf: ({ _id, instance, message }) => ({
    key: _id,
    content: { instance, item: { id: _id, message: JSON.parse(message) as OutboxItem['message'] } },
  }),
};

/** Lines have ids of the server's making; those that are moved have one by which they are found again. */
const lines: Shape<MovedDocuments['lines'], 'task_lines'> = {
  collection: 'task_lines',
  idOf: spaced,
  docOf: (line) => ({ _id: `${line.instance} ${line.line.seq}`, ...lineDocFrom(line) }),
  entryOf: ({ instance, seq, domain, bytes, doc }) => ({
    key: JSON.stringify([instance, seq]),
    content: {
      ...{ instance: instance as InstanceId, domain: domain as DomainId, bytes },
      line: { seq, ...(JSON.parse(doc) as Omit<LogLine, 'seq'>) },
    },
  }),
};

const keys: Shape<MovedDocuments['keys'], 'idempotency_keys'> = {
  collection: 'idempotency_keys',
  idOf: asIs,
  docOf: ({ domain, principal, route, key, answer, ...rest }) => ({
    ...{ _id: idempotencyKeyOf({ domain, principal, route, key }), ...rest },
    answer: answer === null ? null : JSON.stringify(answer),
  }),
  entryOf: ({ _id, answer, ...rest }) => {
    const [domain, principal, route, key] = partsOf(_id) as string[] as [DomainId, string, string, string];
    const scope = { domain, principal, route, key } as MovedDocuments['keys'];
    return {
      key: _id,
      content: { ...scope, ...rest, answer: answer === null ? null : (JSON.parse(answer) as KeptAnswer) },
    };
  },
};

const deliveries: Shape<MovedDelivery, 'deliveries'> = {
  collection: 'deliveries',
  idOf: asIs,
  docOf: ({ id, status, nextMs, body, letter, ...rest }) => ({
    ...{ _id: id, status: STATUS_CODE[status], ...rest },
    ...(nextMs !== null && { nextMs, lane: laneOf(rest) }),
    ...(body !== null && { body }),
    ...(letter && {
      ...{ dead: rest.domain, diedMs: letter.diedMs, host: hostOf(letter.url) },
      ...{ letterUrl: letter.url, letterAttempts: letter.attempts, letterError: letter.lastError },
    }),
  }),
  entryOf: ({
    _id,
    domain,
    instance,
    status,
    url,
    attempts,
    createdMs,
    nextMs,
    lastError,
    body,
    traceparent,
    ...letter
  }) => ({
    key: _id,
    content: {
      ...(traceparent !== undefined && { traceparent }),
      ...{ id: _id, domain: domain as DomainId, instance, status: STATUSES[status] ?? 'pending', url, attempts },
      ...{ createdMs, nextMs: nextMs ?? null, lastError, body: body ?? null },
      letter:
        letter.dead === undefined
          ? null
          : {
              ...{ url: letter.letterUrl ?? '', attempts: letter.letterAttempts ?? 0 },
              ...{ lastError: letter.letterError ?? '', diedMs: letter.diedMs ?? 0 },
            },
    },
  }),
};

const webhooks: Shape<MovedDocuments['webhooks'], 'webhook_secrets'> = {
  collection: 'webhook_secrets',
  idOf: asIs,
  docOf: ({ domain, revision, secrets }) => ({ _id: domain, revision, secrets: JSON.stringify(secrets) }),
  entryOf: ({ _id, revision, secrets }) => ({
    key: _id,
    content: { domain: _id as DomainId, revision, secrets: JSON.parse(secrets) as StoredWebhookSecret[] },
  }),
};

const events: Shape<MovedDocuments['events'], 'events'> = {
  collection: 'events',
  idOf: asIs,
  docOf: eventDocFrom,
  entryOf: (doc) => ({ key: doc._id, content: waitingEventFrom(doc) }),
};

const tombstones: Shape<MovedDocuments['tombstones'], 'tombstones'> = {
  collection: 'tombstones',
  idOf: asIs,
  docOf: ({ id, untilMs }) => ({ _id: id, untilMs }),
  entryOf: ({ _id, untilMs }) => ({ key: _id, content: { id: _id, untilMs } }),
};

/** Every part but the values, which are written and read as what they are. */
export const SHAPES = {
  ...{
    versions,
    dags,
    instances,
    tickets,
    tasks,
    history,
    messages,
    lines,
    keys,
    deliveries,
    webhooks,
    events,
    tombstones,
  },
} satisfies Record<Exclude<DocumentPart, 'values'>, unknown>;
