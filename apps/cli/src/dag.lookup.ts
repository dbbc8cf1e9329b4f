import type { DagSummary } from '@flow/dags';
import { CommandFailed } from './command.errors';
import { ServiceRefused, type ServiceClient } from './service.client';

const LIKE_AN_ID = /^[0-9A-HJKMNP-TV-Z]{26}$/i;
const MOST_SUGGESTIONS = 5;

export type FoundDag = Pick<DagSummary, 'id' | 'title' | 'version'>;

/** By id, else by its whole title. @throws CommandFailed that names similar titles */
export async function findDag(client: ServiceClient, idOrTitle: string): Promise<FoundDag> {
  const byId = LIKE_AN_ID.test(idOrTitle) ? await findById(client, idOrTitle) : undefined;
  if (byId) return byId;
  const similar: FoundDag[] = [];
  for await (const dag of titlesWith(client, idOrTitle)) {
    if (dag.title === idOrTitle) return dag;
    similar.push(dag);
  }
  const titles = similar.slice(0, MOST_SUGGESTIONS).map(({ title }) => `"${title}"`);
  throw new CommandFailed(
    `No DAG has the id or the title "${idOrTitle}".${titles.length > 0 ? ` There is ${titles.join(', ')}.` : ''}`,
  );
}

async function findById(client: ServiceClient, id: string): Promise<FoundDag | undefined> {
  try {
    return (await client.get(`/dags/${encodeURIComponent(id)}`)) as FoundDag;
  } catch (error) {
    if (error instanceof ServiceRefused && error.status === 404) return undefined;
    throw error;
  }
}

async function* titlesWith(client: ServiceClient, keyword: string): AsyncGenerator<FoundDag> {
  if (keyword === '' || keyword.length > 128) return;
  let cursor: string | null = null;
  do {
    const query: string = new URLSearchParams({ keyword, limit: '200', ...(cursor !== null && { cursor }) }).toString();
    const page = (await client.get(`/dags?${query}`)) as { items: readonly FoundDag[]; nextCursor: string | null };
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}
