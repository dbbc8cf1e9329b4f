import type { Dag as DagShape, DagItem, Whole } from '@flow/client';
import { CommandFailed, EXIT } from './command.errors';
import type { ServiceClient } from './service.client';
import { ServiceRefused } from './service.errors';

const LIKE_AN_ID = /^[0-9A-HJKMNP-TV-Z]{26}$/i;
const MOST_SUGGESTIONS = 5;

export type FoundDag = Pick<Whole<DagItem>, 'id' | 'title' | 'version'>;
export type Dag = Whole<Pick<DagShape, 'id' | 'title' | 'version' | 'steps'>> & Partial<Whole<DagShape>>;

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
    EXIT.notFound,
  );
}

/** By its whole title alone. */
export async function findByTitle(client: ServiceClient, title: string): Promise<FoundDag | undefined> {
  for await (const dag of titlesWith(client, title)) if (dag.title === title) return dag;
  return undefined;
}

export async function readDag(client: ServiceClient, id: string, version?: string): Promise<Dag> {
  const query = version === undefined ? {} : { version };
  return (await client.ask('GET /dags/{id}', { path: { id }, query })) as Dag;
}

async function findById(client: ServiceClient, id: string): Promise<FoundDag | undefined> {
  try {
    return await readDag(client, id);
  } catch (error) {
    if (error instanceof ServiceRefused && error.status === 404) return undefined;
    throw error;
  }
}

async function* titlesWith(client: ServiceClient, keyword: string): AsyncGenerator<FoundDag> {
  if (keyword === '' || keyword.length > 128) return;
  let cursor: string | null = null;
  do {
    const query: { keyword: string; limit: number; cursor?: string } = {
      keyword,
      limit: 200,
      ...(cursor !== null && { cursor }),
    };
    const page: { items: readonly DagItem[]; nextCursor: string | null } = await client.ask('GET /dags', { query });
    yield* page.items as readonly FoundDag[];
    cursor = page.nextCursor;
  } while (cursor !== null);
}
