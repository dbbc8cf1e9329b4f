export const DAG_TABS = ['graph', 'definition', 'versions', 'triggers', 'instances', 'run'] as const;
export type DagTab = (typeof DAG_TABS)[number];

/** What the address of a DAG holds: its tab, the version that is looked at, and the one that it is compared with. */
export interface DagSearch {
  readonly tab?: DagTab;
  readonly version?: string;
  readonly against?: string;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

export const dagSearch = (search: Record<string, unknown>): DagSearch => ({
  tab: DAG_TABS.find((tab) => tab === search['tab']),
  version: text(search['version']),
  against: text(search['against']),
});

/** The address of a new DAG may hold the one that it is a copy of. */
export const newDagSearch = (search: Record<string, unknown>): { readonly from?: string } => ({
  from: text(search['from']),
});
