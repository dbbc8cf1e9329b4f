import { TRIGGER_KINDS } from '../../parts/trigger-text';

export const DAG_STATUSES = ['normal', 'stopped'] as const;
export const DAG_SORTS = ['-updatedAt', 'updatedAt', '-createdAt', 'createdAt', 'title', '-title'] as const;

/** What the address of the list of DAGs holds: its filters and its order. */
export interface DagsSearch {
  readonly keyword?: string;
  readonly status?: (typeof DAG_STATUSES)[number];
  readonly trigger?: (typeof TRIGGER_KINDS)[number];
  readonly tag?: string;
  readonly sort?: (typeof DAG_SORTS)[number];
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

export const dagsSearch = (search: Record<string, unknown>): DagsSearch => ({
  keyword: text(search['keyword']),
  status: DAG_STATUSES.find((status) => status === search['status']),
  trigger: TRIGGER_KINDS.find((trigger) => trigger === search['trigger']),
  tag: text(search['tag']),
  sort: DAG_SORTS.find((sort) => sort === search['sort']),
});
