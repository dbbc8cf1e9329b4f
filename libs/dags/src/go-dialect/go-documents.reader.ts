import { RequestInvalid, isJsonObject, type DagId, type DomainId, type Fault, type Json } from '@flow/kernel';
import type { OperatorCatalogue } from '@flow/operators';
import { checkData } from '../dag-data';
import type { DagStore } from '../dag.store';
import { Faults } from '../faults';
import type { ReadDefinitions } from '../transfer';
import { callCycles } from './call-order';
import { tagOf, type Call } from './calls';
import { translateGo, type GoTranslation } from './translation';

/** Each is looked up by itself. */
const MOST_CALLED = 1_000;

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
        ...repeatedId(translations, i),
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
    if (called.size > MOST_CALLED) {
      const message = `At most ${MOST_CALLED} different sub-flows can be called in one import.`;
      throw new RequestInvalid([{ pointer: '', code: 'import.too_many', message }], 'import.too_many');
    }
    const standing = new Map<string, DagId>();
    for (const goId of called) {
      const { items } = await this.store.list(domain, { tag: tagOf(goId) }, { limit: 1 });
      const id = items[0]?.id ?? (await this.store.find(domain, goId as DagId))?.id;
      if (id !== undefined) standing.set(goId, id);
    }
    return standing;
  }
}

/** The documents within what the Go service exports operators as: `{configs: [...]}`. */
export function unwrapped(read: ReadDefinitions): ReadDefinitions {
  const [only] = read.definitions;
  const configs = read.many || !isJsonObject(only) || only.steps !== undefined ? undefined : only.configs;
  return Array.isArray(configs) ? { definitions: configs as readonly Json[], many: true, at: '/configs' } : read;
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

function repeatedId(documents: readonly GoTranslation[], position: number): readonly Fault[] {
  const goId = documents[position]?.goId;
  if (goId === undefined || documents.findIndex((one) => one.goId === goId) === position) return [];
  return [{ pointer: '/id', code: 'go.id_duplicate', message: `Another document of this import has the id ${goId}.` }];
}

function unknownCall({ pointer, dagId }: Call): Fault {
  return {
    pointer,
    code: 'go.subflow_unknown',
    message: `The flow ${dagId} is neither here nor in this import; import it first, or both together.`,
  };
}
