import type { DocumentPart } from '@flow/moving';

/** What becomes of a table of `documents.db` when its folder is moved into servers: the part that it is read as, or why it is not. */
export interface TableFate {
  readonly columns: readonly string[];
  readonly moved?: DocumentPart;
  readonly left?: string;
}

const columns = (text: string): readonly string[] => text.split(' ');

/** Every table with every column: one that is added later has to be thought of here (a test compares this with the file). */
export const FOLDER_TABLES: Readonly<Record<string, TableFate>> = {
  dags: {
    columns: columns(
      'seq domain id title title_folded description status type tags labels priority trigger_kind version version_row created_by created_at updated_at modified_by revision deleted_at deleted_by',
    ),
    moved: 'dags',
  },
  dag_versions: {
    columns: columns('row domain dag_id major minor patch version change_log created_by created_at content'),
    moved: 'versions',
  },
  dag_facts: { columns: columns('domain id fact'), moved: 'dags' },
  dag_tags: { columns: columns('domain tag seq'), left: 'made anew from the DAGs' },
  dag_titles: { columns: columns('title_folded'), left: 'made anew from the DAGs' },
  dag_secrets: { columns: columns('domain secret seq'), left: 'made anew from the DAGs' },
  instances: {
    columns: columns('no id domain dag_id status created_ms owner epoch seq doc wake_ms'),
    moved: 'instances',
  },
  cursors: { columns: columns('instance seq schema state'), moved: 'instances' },
  instance_labels: {
    columns: columns('domain label status created_ms id dag_id no'),
    left: 'made anew from the instances',
  },
  attempts: { columns: columns('root attempt id'), left: 'made anew from the instances' },
  debug_runs: { columns: columns('instance expires_ms'), left: 'made anew from the instances' },
  ended_runs: {
    columns: columns('domain dag_id status ended_ms instance parent'),
    left: 'made anew from the instances',
  },
  slots: {
    columns: columns('domain dag_id key waits turn_ms id priority at_ms'),
    // Who waits for one stands in the instances.
    moved: 'tickets',
  },
  tasks: { columns: columns('instance id seq doc'), moved: 'tasks' },
  short_runs: { columns: columns('instance tasks'), moved: 'tasks' },
  approvals: { columns: columns('domain assignee task instance'), left: 'made anew from the tasks' },
  history: { columns: columns('instance from_seq to_seq events'), moved: 'history' },
  outbox: { columns: columns('id message'), moved: 'messages' },
  task_lines: { columns: columns('instance seq domain task is_full bytes doc'), moved: 'lines' },
  idempotency_keys: {
    columns: columns('domain principal route key body_hash reserved_id holder lease_until_ms begun_ms answer'),
    moved: 'keys',
  },
  deliveries: {
    columns: columns('no id domain instance status lane url attempts created_ms next_ms last_error body traceparent'),
    moved: 'deliveries',
  },
  dead_letters: {
    columns: columns('no id domain instance host url attempts last_error created_ms died_ms body'),
    moved: 'deliveries',
  },
  webhook_secrets: { columns: columns('domain revision secrets'), moved: 'webhooks' },
  events: { columns: columns('id topic key at_ms body traceparent'), moved: 'events' },
  purged: { columns: columns('id until_ms'), moved: 'tombstones' },
  purging: { columns: columns('instance'), left: 'what is being removed is not moved' },
  workers: {
    columns: columns('no id projected closed'),
    left: 'dead, once the service is stopped: any process takes up what a header says they held',
  },
  installation: { columns: columns('one id settled'), left: 'the move puts the same id into both databases' },
  audit_journal: {
    columns: columns('id owner abandoned_ms entry'),
    left: 'brought into the table of the same name in relational.db first, and moved from there',
  },
  log_records: { columns: columns('key sealed nonce body'), left: 'brought into the rows first' },
};
