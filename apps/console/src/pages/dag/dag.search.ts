import { ADDED_KINDS, type AddedKind } from './triggers/added-kinds';

export const DAG_TABS = ['graph', 'definition', 'versions', 'triggers', 'instances', 'run'] as const;
export type DagTab = (typeof DAG_TABS)[number];

/** What the address of a DAG holds: its tab, the version that is looked at and the one that it is compared with, and the trigger that is added. */
export interface DagSearch {
  readonly tab?: DagTab;
  readonly version?: string;
  readonly against?: string;
  readonly add?: AddedKind;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

export const dagSearch = (search: Record<string, unknown>): DagSearch => ({
  tab: DAG_TABS.find((tab) => tab === search['tab']),
  version: text(search['version']),
  against: text(search['against']),
  add: ADDED_KINDS.find((kind) => kind === search['add']),
});

/** The address of a new DAG may hold the one that it is a copy of. */
export const newDagSearch = (search: Record<string, unknown>): { readonly from?: string } => ({
  from: text(search['from']),
});
