import type { Row, SqlValue } from '@flow/adapters/sqlite';
import type { DagFact } from '@flow/dags';
import type { DeliveryStatus, StoredWebhookSecret } from '@flow/deliveries';
import type { LogLine, OutboxItem, Task } from '@flow/instances';
import type { DagId, DomainId, InstanceId } from '@flow/kernel';
import type { DocumentPart, Entry, MovedDelivery, MovedDocuments } from '@flow/moving';
import type { KeptAnswer } from '@flow/platform';
import { dagFrom, versionFrom } from './dag-store.rows';
import { chunkFrom, headerFrom } from './instance-store.rows';
import { traceOf, waitingEventFrom } from './event-outbox.sqlite';

/** Rows in the order of a key of their table, each as the entries that it holds. */
export interface Reading<T> {
  readonly select: string;
  readonly from: string;
  readonly where?: string;
  /** The order, and what comes before the first row. */
  readonly order: readonly string[];
  readonly before: readonly SqlValue[];
  /** What is large of a row. */
  readonly bytes: string;
  /** How many entries its rows hold. */
  readonly count?: string;
  readonly entriesOf: (row: Row) => readonly Entry<T>[];
}

/** What is being removed is found by nobody any more. The join's order is that of the rows, whatever the planner thinks. */
const INSTANCE = 'CROSS JOIN instances i ON';
const STAYS = 'i.no NOT IN (SELECT instance FROM purging)';
const DELIVERY_STATUSES: readonly DeliveryStatus[] = ['pending', 'delivered', 'dead'];

const keyOf = (...parts: readonly unknown[]): string => JSON.stringify(parts);
const textOrNull = (value: SqlValue | undefined): string | null => (typeof value === 'string' ? value : null);
const numberOrNull = (value: SqlValue | undefined): number | null => (value === null ? null : Number(value));

function taskEntry(instance: InstanceId, seq: number, task: Task): Entry<MovedDocuments['tasks']> {
  return { key: keyOf(instance, task.id), content: { instance, seq, task } };
}

function letterOf(row: Row): MovedDelivery['letter'] {
  if (row.letter_url === null) return null;
  return {
    url: String(row.letter_url),
    attempts: Number(row.letter_attempts),
    lastError: String(row.letter_error),
    diedMs: Number(row.died_ms),
  };
}

function deliveryOf(row: Row): readonly Entry<MovedDelivery>[] {
  const id = String(row.id);
  const content: MovedDelivery = {
    ...{ id, domain: row.domain as DomainId, instance: String(row.instance) },
    ...{ status: DELIVERY_STATUSES[Number(row.status)] ?? 'dead', url: String(row.url) },
    ...{ attempts: Number(row.attempts), createdMs: Number(row.created_ms), nextMs: numberOrNull(row.next_ms) },
    ...{ lastError: textOrNull(row.last_error), body: textOrNull(row.body), letter: letterOf(row) },
    ...traceOf(row),
  };
  return [{ key: id, content }];
}

const LETTER = `l.url AS letter_url, l.attempts AS letter_attempts, l.last_error AS letter_error, l.died_ms`;

/** How each part is read from `documents.db`; that of values is in files. */
export const READINGS: { readonly [P in Exclude<DocumentPart, 'values'>]: readonly Reading<MovedDocuments[P]>[] } = {
  versions: [
    {
      select: 'v.*',
      from: 'dag_versions v',
      order: ['v.row'],
      before: [0],
      bytes: 'octet_length(v.content)',
      entriesOf: (row) => {
        const version = versionFrom(row);
        return [{ key: keyOf(version.domain, version.dagId, version.version), content: version }];
      },
    },
  ],
  dags: [
    {
      select: `d.*, v.change_log, v.content, v.created_by AS version_by, v.created_at AS version_at,
        (SELECT json_group_array(json(f.fact)) FROM (SELECT fact FROM dag_facts
          WHERE domain = d.domain AND id BETWEEN d.id || ':' AND d.id || ';' ORDER BY id) f) AS facts`,
      from: 'dags d CROSS JOIN dag_versions v ON v.row = d.version_row',
      order: ['d.seq'],
      before: [0],
      bytes: 'octet_length(v.content)',
      entriesOf: (row) => {
        const dag = dagFrom(row);
        const { version_by: by, version_at: at, deleted_at: deletedAt } = row;
        const facts = JSON.parse(String(row.facts)) as DagFact[];
        const content = {
          ...{ dag, versionBy: String(by), versionAt: String(at), isDeleted: deletedAt !== null },
          ...(facts.length > 0 && { facts }),
        };
        return [{ key: keyOf(dag.domain, dag.id), content }];
      },
    },
  ],
  instances: [
    {
      select: 'i.*, c.seq AS cursor_seq, c.schema AS cursor_schema, c.state AS cursor_state',
      from: 'instances i LEFT JOIN cursors c ON c.instance = i.no',
      where: STAYS,
      order: ['i.no'],
      before: [0],
      bytes: 'octet_length(i.doc) + coalesce(octet_length(c.state), 0)',
      entriesOf: (row) => {
        const { cursor_seq: seq, cursor_schema: schema, cursor_state: state } = row;
        const cursor = seq === null ? null : { seq: Number(seq), schema: Number(schema), state: String(state) };
        return [{ key: String(row.id), content: { header: headerFrom(row), cursor } }];
      },
    },
  ],
  tickets: [
    {
      select: `s.domain, s.dag_id, s.key, s.id, (SELECT count(*) FROM slots o
        WHERE (o.domain, o.dag_id, o.key, o.waits) = (s.domain, s.dag_id, s.key, 0) AND (o.turn_ms, o.id) < (s.turn_ms, s.id)) AS place`,
      from: 'slots s',
      where: 's.waits = 0',
      order: ['s.domain', 's.dag_id', 's.key', 's.turn_ms', 's.id'],
      before: ['', '', '', 0, ''],
      bytes: '0',
      entriesOf: (row) => {
        const group = { domain: row.domain as DomainId, dagId: row.dag_id as DagId, key: String(row.key) };
        const id = row.id as InstanceId;
        return [{ key: id, content: { id, group, place: Number(row.place) } }];
      },
    },
  ],
  tasks: [
    {
      select: 'i.id AS instance_id, t.seq, t.doc',
      from: `tasks t ${INSTANCE} i.no = t.instance`,
      where: STAYS,
      order: ['t.instance', 't.id'],
      before: [0, ''],
      bytes: 'octet_length(t.doc)',
      entriesOf: (row) => [
        taskEntry(row.instance_id as InstanceId, Number(row.seq), JSON.parse(String(row.doc)) as Task),
      ],
    },
    {
      select: 'i.id AS instance_id, i.seq, s.tasks',
      from: `short_runs s ${INSTANCE} i.no = s.instance`,
      where: STAYS,
      order: ['s.instance'],
      before: [0],
      bytes: 'octet_length(s.tasks)',
      count: 'sum(json_array_length(s.tasks))',
      entriesOf: (row) =>
        (JSON.parse(String(row.tasks)) as Task[]).map((task) =>
          taskEntry(row.instance_id as InstanceId, Number(row.seq), task),
        ),
    },
  ],
  history: [
    {
      select: 'i.id AS instance_id, h.from_seq, h.to_seq, h.events',
      from: `history h ${INSTANCE} i.no = h.instance`,
      where: STAYS,
      order: ['h.instance', 'h.from_seq'],
      before: [0, -1],
      bytes: 'octet_length(h.events)',
      entriesOf: (row) => {
        const [instance, chunk] = [row.instance_id as InstanceId, chunkFrom(row)];
        return [{ key: keyOf(instance, chunk.fromSeq), content: { instance, chunk } }];
      },
    },
  ],
  messages: [
    {
      select: 'o.id, o.message',
      from: 'outbox o',
      order: ['o.id'],
      before: [''],
      bytes: 'octet_length(o.message)',
      entriesOf: (row) => {
        const id = String(row.id);
        const item = { id, message: JSON.parse(String(row.message)) as OutboxItem['message'] };
        return [{ key: id, content: { instance: id.slice(0, id.indexOf(':')), item } }];
      },
    },
  ],
  lines: [
    {
      select: 'l.instance, l.seq, l.domain, l.bytes, l.doc',
      from: `task_lines l ${INSTANCE} i.id = l.instance`,
      where: STAYS,
      order: ['l.instance', 'l.seq'],
      before: ['', 0],
      bytes: 'octet_length(l.doc)',
      entriesOf: (row) => {
        const [instance, seq] = [row.instance as InstanceId, Number(row.seq)];
        const line = { seq, ...(JSON.parse(String(row.doc)) as Omit<LogLine, 'seq'>) };
        const content = { instance, domain: row.domain as DomainId, bytes: Number(row.bytes), line };
        return [{ key: keyOf(instance, seq), content }];
      },
    },
  ],
  keys: [
    {
      select: 'k.*',
      from: 'idempotency_keys k',
      order: ['k.domain', 'k.principal', 'k.route', 'k.key'],
      before: ['', '', '', ''],
      bytes: 'coalesce(octet_length(k.answer), 0)',
      entriesOf: (row) => {
        const scope = {
          ...{ domain: row.domain as DomainId, principal: String(row.principal) },
          ...{ route: String(row.route), key: String(row.key) },
        } as MovedDocuments['keys'];
        const content = {
          ...scope,
          ...{ bodyHash: String(row.body_hash), reservedId: String(row.reserved_id), holder: String(row.holder) },
          ...{ leaseUntilMs: Number(row.lease_until_ms), begunMs: Number(row.begun_ms) },
          answer: row.answer === null ? null : (JSON.parse(String(row.answer)) as KeptAnswer),
        };
        return [{ key: keyOf(scope.domain, scope.principal, scope.route, scope.key), content }];
      },
    },
  ],
  deliveries: [
    {
      select: `d.id, d.domain, d.instance, d.status, d.url, d.attempts, d.created_ms, d.next_ms, d.last_error,
        coalesce(d.body, l.body) AS body, d.traceparent, ${LETTER}`,
      from: 'deliveries d LEFT JOIN dead_letters l ON l.id = d.id',
      order: ['d.no'],
      before: [0],
      bytes: 'coalesce(octet_length(d.body), octet_length(l.body), 0)',
      entriesOf: deliveryOf,
    },
    {
      // Their instance has been removed, and its delivery with it.
      select: `l.id, l.domain, l.instance, 2 AS status, l.url, l.attempts, l.created_ms, NULL AS next_ms, l.last_error,
        l.body, NULL AS traceparent, ${LETTER}`,
      from: 'dead_letters l',
      where: 'NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.id = l.id)',
      order: ['l.no'],
      before: [0],
      bytes: 'octet_length(l.body)',
      entriesOf: deliveryOf,
    },
  ],
  webhooks: [
    {
      select: 'w.*',
      from: 'webhook_secrets w',
      order: ['w.domain'],
      before: [''],
      bytes: 'octet_length(w.secrets)',
      entriesOf: (row) => {
        const domain = row.domain as DomainId;
        const secrets = JSON.parse(String(row.secrets)) as StoredWebhookSecret[];
        return [{ key: domain, content: { domain, revision: Number(row.revision), secrets } }];
      },
    },
  ],
  events: [
    {
      select: 'e.*',
      from: 'events e',
      order: ['e.id'],
      before: [''],
      bytes: 'length(e.body)',
      entriesOf: (row) => [{ key: String(row.id), content: waitingEventFrom(row) }],
    },
  ],
  tombstones: [
    {
      select: 'p.id, p.until_ms',
      from: 'purged p',
      order: ['p.id'],
      before: [''],
      bytes: '0',
      entriesOf: (row) => [{ key: String(row.id), content: { id: String(row.id), untilMs: Number(row.until_ms) } }],
    },
  ],
};
