import type { DagId, DomainId, Fault, Json } from '@flow/kernel';
import { CalledDagsReader } from './called-dags.reader';
import { faultsOfCalls } from './check-calls';
import { contentOf, sameContent, type Dag, type DagDefinition } from './dag';
import { VersionNotRising } from './dag.errors';
import type { DagStore } from './dag.store';
import { linked, type GoDocuments } from './go-dialect';
import { subflowCallsOf } from './subflow-calls';
import { FIRST_VERSION, versionOfChange } from './version';

/**
 * What is wrong with the sub-flows of definitions that come in together, a list for each: all are taken to stand already, each with
 * the version that it will get. The definitions themselves have passed the check.
 */
export async function faultsOfImportedCalls(
  store: DagStore,
  domain: DomainId,
  { documents, standing }: GoDocuments,
): Promise<readonly (readonly Fault[])[]> {
  const sent = documents.map(({ definition }) => definition as Json & DagDefinition);
  if (sent.every(({ steps }) => subflowCallsOf(steps).length === 0)) return documents.map(() => []);
  const ids = new Map<string, DagId>(standing);
  const before: (Dag | undefined)[] = [];
  for (const [i, { title }] of sent.entries()) {
    before[i] = await store.findByTitle(domain, title);
    const name = documents[i]?.goId;
    if (name !== undefined) ids.set(name, idOf(before[i], i));
  }
  const coming = sent.map((definition, i) => {
    const now = linked(definition, ids) as Json & DagDefinition;
    return { id: idOf(before[i], i), title: now.title, steps: now.steps, version: versionGiven(now, before[i]) };
  });
  const dags = new CalledDagsReader(
    store,
    domain,
    new Map(coming.map(({ id, title, version, steps }) => [id, { title, version, calls: subflowCallsOf(steps) }])),
  );
  return Promise.all(
    coming.map(async (one, i) => (await faultsOfCalls(one, dags)).map((fault) => documents[i]?.asSent(fault) ?? fault)),
  );
}

/** Of one that is new something that is no id. */
function idOf(standing: Dag | undefined, position: number): DagId {
  return standing?.id ?? (`the definition ${position}` as DagId);
}

function versionGiven(definition: DagDefinition, standing: Dag | undefined): string {
  if (!standing) return definition.version ?? FIRST_VERSION;
  try {
    const changed = !sameContent(contentOf(definition), contentOf(standing));
    return versionOfChange(standing.version, definition.version, changed) ?? standing.version;
  } catch (error) {
    // Told when it is stored.
    if (error instanceof VersionNotRising) return standing.version;
    throw error;
  }
}
