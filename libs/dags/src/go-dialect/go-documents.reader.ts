import type { DagId, DomainId, Json } from '@flow/kernel';
import type { OperatorCatalogue } from '@flow/operators';
import { checkData } from '../dag-data';
import type { DagStore } from '../dag.store';
import { Faults } from '../faults';
import { callCycles } from './call-order';
import { tagOf, type Call } from './calls';
import { translateGo, type GoTranslation } from './translation';

export interface GoDocuments {
  readonly documents: readonly GoTranslation[];
  /** Ids here of the flows that the documents call and that stand in the domain already, by their ids in the Go service. */
  readonly standing: ReadonlyMap<string, DagId>;
}

/** Documents of the Go service as definitions, and what they call found in the domain that they come into. */
export class GoDocumentsReader {
  constructor(
    private readonly store: DagStore,
    private readonly catalogue: OperatorCatalogue,
  ) {}

  async read(domain: DomainId, sent: readonly unknown[]): Promise<GoDocuments> {
    const translations = sent.map((one) => this.translated(one));
    const cycles = callCycles(translations);
    const standing = await this.standing(domain, translations);
    const coming = new Set(translations.flatMap(({ goId }) => goId ?? []));
    const documents = translations.map((one, i) => ({
      ...one,
      faults: [
        ...one.faults,
        ...(cycles[i] ?? []),
        ...one.calls.filter(({ dagId }) => !coming.has(dagId) && !standing.has(dagId)).map(unknownCall),
      ],
    }));
    return { documents, standing };
  }

  private translated(sent: unknown): GoTranslation {
    const isData = checkData(sent, new Faults());
    if (!isData) return asItStands(sent);
    return translateGo(sent as Json, (id) => {
      const operator = this.catalogue.find(id);
      if (!operator) return undefined;
      return { schema: operator.parameters, verbatim: operator.kind === 'trigger' ? [] : (operator.verbatim ?? []) };
    });
  }

  private async standing(domain: DomainId, documents: readonly GoTranslation[]): Promise<ReadonlyMap<string, DagId>> {
    const called = new Set(documents.flatMap(({ calls }) => calls.map(({ dagId }) => dagId)));
    const found = await Promise.all(
      [...called].map(async (goId): Promise<[string, DagId | undefined]> => {
        const { items } = await this.store.list(domain, { tag: tagOf(goId) }, { limit: 1 });
        return [goId, items[0]?.id ?? (await this.store.find(domain, goId as DagId))?.id];
      }),
    );
    return new Map(found.filter((one): one is [string, DagId] => one[1] !== undefined));
  }
}

/** What is taken as it was sent: a definition of our own, or data that the check refuses before it asks for more. */
export function asItStands(definition: unknown): GoTranslation {
  return {
    definition: definition as Json,
    goId: undefined,
    calls: [],
    faults: [],
    warnings: [],
    asSent: (fault) => fault,
  };
}

function unknownCall({ pointer, dagId }: Call) {
  return {
    pointer,
    code: 'go.subflow_unknown',
    message: `The flow ${dagId} is neither here nor in this import; import it first, or both together.`,
  };
}
