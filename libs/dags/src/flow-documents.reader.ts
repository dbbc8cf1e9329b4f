import { isJsonObject, type DagId, type DomainId } from '@flow/kernel';
import { checkData } from './dag-data';
import type { DagStore } from './dag.store';
import { Faults } from './faults';
import { asItStands, callsIn, type GoDocuments, type GoTranslation } from './go-dialect';

/**
 * Definitions of our own that come in together. Ids are made when a DAG is stored, so what they call may be named by its title
 * instead: that of another definition of the import, in any order, or of a DAG that stands.
 */
export class FlowDocumentsReader {
  constructor(private readonly store: DagStore) {}

  async read(domain: DomainId, sent: readonly unknown[]): Promise<GoDocuments> {
    const documents = sent.map(named);
    const called = new Set(documents.flatMap(({ calls }) => calls.map(({ dagId }) => dagId)));
    if (called.size === 0) return { documents: sent.map(asItStands), standing: new Map() };
    const titles = new Set(documents.flatMap(({ goId }) => goId ?? []));
    const byId = await this.store.findMany(domain, [...called] as DagId[]);
    const titleOf = new Map<string, string>(byId.map(({ id, title }) => [id, title]));
    const standing = new Map<string, DagId>();
    for (const name of called) {
      if (titles.has(name) || titleOf.has(name)) continue;
      const dag = await this.store.findByTitle(domain, name);
      if (dag) standing.set(name, dag.id);
    }
    // Who calls a DAG by its id waits for its change all the same.
    const ordered = documents.map((document) => ({
      ...document,
      calls: document.calls.map((call) => ({ ...call, dagId: titleOf.get(call.dagId) ?? call.dagId })),
    }));
    return { documents: ordered, standing };
  }
}

function named(sent: unknown): GoTranslation {
  const document = asItStands(sent);
  if (!checkData(sent, new Faults()) || !isJsonObject(document.definition)) return document;
  const { title, steps } = document.definition;
  return {
    ...document,
    goId: typeof title === 'string' ? title : undefined,
    calls: [...callsIn(steps ?? null, '/steps')],
  };
}
