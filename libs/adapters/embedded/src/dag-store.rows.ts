import type { Row } from '@flow/adapters/sqlite';
import type { Dag, DagContent, DagSummary, DagVersion, DagVersionSummary } from '@flow/dags';

/** How titles are compared in searches and sorted in lists: without the case of their letters. */
export function foldTitle(title: string): string {
  return title.toLowerCase();
}

/** Whether a text can stand in a text column as it is; one that cannot is no one's id, title or tag. */
export function isStorable(text: string): boolean {
  return !/[\u0000\p{Surrogate}]/u.test(text);
}

export function dagFrom(row: Row, content: DagContent = contentFrom(row)): Dag {
  const { trigger: _trigger, ...beside } = summaryFrom(row);
  return { ...beside, ...content, changeLog: row.change_log as string };
}

export function summaryFrom(row: Row): DagSummary {
  return {
    id: row.id as DagSummary['id'],
    domain: row.domain as DagSummary['domain'],
    title: row.title as string,
    description: row.description as string,
    status: row.status as DagSummary['status'],
    type: row.type as string,
    tags: JSON.parse(row.tags as string) as DagSummary['tags'],
    labels: JSON.parse(row.labels as string) as DagSummary['labels'],
    priority: row.priority as DagSummary['priority'],
    trigger: row.trigger_kind as string,
    version: row.version as string,
    createdBy: row.created_by as string,
    createdAt: row.created_at as string,
    updatedAt: row.updated_at as string,
    modifiedBy: row.modified_by as string,
    revision: Number(row.revision),
  };
}

export function versionFrom(row: Row): DagVersion {
  return { ...versionSummaryFrom(row), content: contentFrom(row) };
}

export function versionSummaryFrom(row: Row): DagVersionSummary {
  return {
    dagId: row.dag_id as DagVersion['dagId'],
    domain: row.domain as DagVersion['domain'],
    version: row.version as string,
    changeLog: row.change_log as string,
    createdBy: row.created_by as string,
    createdAt: row.created_at as string,
  };
}

function contentFrom(row: Row): DagContent {
  return JSON.parse(row.content as string) as DagContent;
}
