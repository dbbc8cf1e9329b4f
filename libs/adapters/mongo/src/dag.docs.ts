import type { DagSummary } from '@flow/dags';
import type { DomainId } from '@flow/kernel';
import type { DagDoc } from './collections';

export function dagKey(domain: DomainId, id: string): string {
  return `${domain} ${id}`;
}

/** How titles are compared in searches and sorted in lists: without the case of their letters. */
export function foldTitle(title: string): string {
  return title.toLowerCase();
}

/** Whether a text comes back as it was sent; one that does not is no one's id, title or tag. */
export function isStorable(text: string): boolean {
  return !/[\u0000\p{Surrogate}]/u.test(text);
}

export function summaryFrom({ summary }: Pick<DagDoc, 'summary'>): DagSummary {
  return JSON.parse(summary) as DagSummary;
}
