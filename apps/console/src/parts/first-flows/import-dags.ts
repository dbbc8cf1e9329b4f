import type { Whole, Operations } from '@flow/client';
import { send } from '../../api/client';

export type Imported = Whole<NonNullable<Operations['POST /dags/import']['answer']['items']>>[number];

/** Everything that begins as JSON does is JSON; all else is read as YAML. */
export const mediaTypeOf = (text: string): string => (/^\s*[[{]/.test(text) ? 'application/json' : 'application/yaml');

/** One fault refuses all of them: ApiProblem with every fault. */
export async function importDags(text: string, mode: 'create' | 'upsert'): Promise<readonly Imported[]> {
  const headers = { 'Content-Type': mediaTypeOf(text) };
  const response = await send('POST /dags/import', { query: { mode }, body: text }, { headers });
  return ((await response.json()) as { items: readonly Imported[] }).items;
}
