/** Kinds of triggers that can be added to a DAG; a form is its first step. */
export const ADDED_KINDS = ['cron', 'webhook', 'event', 'dag', 'manual'] as const;
export type AddedKind = (typeof ADDED_KINDS)[number];
