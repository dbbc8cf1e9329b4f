import { demand, type Caller } from '@flow/auth';
import { AppError, RequestInvalid, type DagId, type Fault, type Json } from '@flow/kernel';
import { OperatorCatalogue } from '@flow/operators';
import { Injectable } from '@nestjs/common';
import type { Dag, DagDefinition } from './dag';
import { DagInvalid, DagTitleTaken } from './dag.errors';
import { DagLimits } from './dag-limits';
import { DagStore } from './dag.store';
import { DagsService } from './dags.service';
import { FlowDocumentsReader } from './flow-documents.reader';
import {
  GoDocumentsReader,
  asItStands,
  inCallOrder,
  linked,
  unwrapped,
  type GoDocuments,
  type GoTranslation,
} from './go-dialect';
import { faultsOfImportedCalls } from './imported-calls';
import {
  definitionOf,
  definitionsIn,
  readDefinitions,
  writeDefinitions,
  type ReadDefinitions,
  type TransferFormat,
} from './transfer';
import type { DagCheck } from './dag-check';
import { checkDag } from './validate';

export type ImportMode = 'create' | 'upsert';
export const IMPORT_MODES = ['create', 'upsert'] as const satisfies readonly ImportMode[];

const DIALECTS: readonly string[] = ['flow', 'go'];

export interface ImportRequest {
  /** A text (its format says how to read it) or data that was parsed already. */
  readonly text?: string;
  readonly format?: TransferFormat;
  readonly data?: unknown;
  /** `create` makes new DAGs; `upsert` changes those of the domain that have the title, and makes the others. */
  readonly mode?: ImportMode;
  /** `flow`, this language, or `go`, documents of the older Go service; others are refused. */
  readonly dialect?: string;
}

export interface ImportItem {
  readonly title: string;
  readonly ok: boolean;
  readonly outcome?: 'created' | 'updated' | 'unchanged';
  readonly id?: DagId;
  readonly version?: string;
  readonly error?: { readonly code: string; readonly message: string };
  /** What is not as it was written, or probably not meant; pointers lead into this definition as it was sent. */
  readonly warnings?: readonly Fault[];
}

export interface Exported {
  readonly text: string;
  readonly mediaType: 'application/json' | 'application/yaml';
  readonly fileName: string;
}

/** Taking DAGs out of the house and bringing them in, without loss. */
@Injectable()
export class TransferService {
  constructor(
    private readonly dags: DagsService,
    private readonly store: DagStore,
    private readonly catalogue: OperatorCatalogue,
    private readonly limits: DagLimits,
  ) {}

  /** Throws DagNotFound and VersionNotFound. */
  async export(
    caller: Caller,
    id: DagId,
    options: { readonly format?: TransferFormat; readonly version?: string } = {},
  ): Promise<Exported> {
    demand(caller, 'dag.view');
    const dag = await this.dags.get(caller, id, options.version);
    const format = options.format ?? 'json';
    return {
      text: writeDefinitions([definitionOf(dag)], format),
      mediaType: `application/${format}`,
      fileName: `${dag.title.replaceAll(/[^\p{L}\p{N} ._-]/gu, '_')}.${format}`,
    };
  }

  /**
   * All are checked before any is stored: one fault refuses the whole, with pointers that begin with the position when there are
   * several. Definitions may call each other, in any order, by their titles or ids. What can only be known while storing (a title or version that another request takes) is told by item; a single
   * definition throws it. Throws RequestInvalid, DagInvalid.
   */
  async import(caller: Caller, request: ImportRequest): Promise<readonly ImportItem[]> {
    demand(caller, 'dag.create');
    const mode = request.mode ?? 'create';
    if (mode === 'upsert') demand(caller, 'dag.modify');
    const read = this.read(request);
    const { documents, standing } = await this.documentsOf(caller, read.definitions, request.dialect);
    const checks = documents.map((document) => this.check(document));
    const faults = faultsOf(documents, checks, read);
    if (faults.length > 0) throw new DagInvalid(faults);
    const calls = await faultsOfImportedCalls(this.store, caller.domain, { documents, standing });
    if (calls.some((list) => list.length > 0)) throw new DagInvalid(placed(calls, read));
    const items: ImportItem[] = [];
    const ids = new Map<string, DagId>(standing);
    for (const position of inCallOrder(documents)) {
      const document = documents[position] ?? asItStands(undefined);
      const warnings = checks[position]?.warnings ?? [];
      const definition = (ids.size > 0 ? linked(document.definition, ids) : document.definition) as Json &
        DagDefinition;
      try {
        const { dag, outcome } = await this.bring(caller, definition, mode);
        if (document.goId !== undefined) ids.set(document.goId, dag.id);
        items[position] = {
          ...{ title: dag.title, ok: true, outcome, id: dag.id, version: dag.version },
          ...(warnings.length > 0 && { warnings }),
        };
      } catch (error) {
        if (!read.many || !(error instanceof AppError)) throw error;
        items[position] = { title: definition.title, ok: false, error: { code: error.code, message: error.message } };
      }
    }
    return items;
  }

  private read(request: ImportRequest): ReadDefinitions {
    const { dialect = 'flow' } = request;
    if (!DIALECTS.includes(dialect))
      throw refused(
        '/dialect',
        'import.dialect_unavailable',
        `The dialect "${dialect}" cannot be read; there are: ${DIALECTS.join(', ')}.`,
      );
    const sent =
      request.text === undefined
        ? definitionsIn(request.data)
        : readDefinitions(request.text, request.format ?? 'yaml', { characters: this.limits.importCharacters });
    const read = dialect === 'go' ? unwrapped(sent) : sent;
    if (read.definitions.length === 0) throw refused('', 'import.empty', 'There is no definition to import.');
    if (read.definitions.length > this.limits.batch)
      throw refused('', 'import.too_many', `At most ${this.limits.batch} definitions can be imported at once.`);
    return read;
  }

  private async documentsOf(
    caller: Caller,
    sent: readonly unknown[],
    dialect: string | undefined,
  ): Promise<GoDocuments> {
    if (dialect === 'go') return new GoDocumentsReader(this.store, this.catalogue).read(caller.domain, sent);
    return new FlowDocumentsReader(this.store).read(caller.domain, sent);
  }

  /** What is wrong with a document, and what is to be said about it, in its own words. */
  private check(document: GoTranslation): DagCheck {
    const { faults, warnings } = checkDag(document.definition, { catalogue: this.catalogue, limits: this.limits });
    // What the translation refused stands as null in the definition: nothing more is to be said about it.
    const told = new Set(document.faults.map(({ pointer }) => pointer));
    const others = faults.map((fault) => document.asSent(fault)).filter(({ pointer }) => !told.has(pointer));
    return {
      faults: [...document.faults, ...others],
      warnings: [...document.warnings, ...warnings.map((warning) => document.asSent(warning))],
    };
  }

  private async bring(
    caller: Caller,
    definition: DagDefinition,
    mode: ImportMode,
  ): Promise<{ dag: Dag; outcome: ImportItem['outcome'] & string }> {
    const standing = await this.store.findByTitle(caller.domain, definition.title);
    if (!standing) return { dag: await this.dags.create(caller, definition), outcome: 'created' };
    if (mode === 'create') throw new DagTitleTaken(definition.title);
    const dag = await this.dags.update(caller, standing.id, definition);
    return { dag, outcome: dag.revision === standing.revision ? 'unchanged' : 'updated' };
  }
}

/** All faults of all documents, or the titles that stand twice; pointers begin with the position when there are several. */
function faultsOf(
  documents: readonly GoTranslation[],
  checks: readonly DagCheck[],
  read: ReadDefinitions,
): readonly Fault[] {
  const faults = placed(
    checks.map((check) => check.faults),
    read,
  );
  if (faults.length > 0) return faults;
  const seen = new Set<string>();
  return documents.flatMap(({ definition }, i) => {
    const { title } = definition as Json & DagDefinition;
    const repeated = seen.has(title);
    seen.add(title);
    const message = `The title "${title}" stands twice in this import.`;
    return repeated ? [{ pointer: `${read.at ?? ''}/${i}/title`, code: 'dag.title_taken', message }] : [];
  });
}

function placed(faults: readonly (readonly Fault[])[], { many, at = '' }: ReadDefinitions): readonly Fault[] {
  return faults.flatMap((list, i) =>
    list.map((fault) => ({ ...fault, pointer: many ? `${at}/${i}${fault.pointer}` : fault.pointer })),
  );
}

function refused(pointer: string, code: string, message: string): RequestInvalid {
  return new RequestInvalid([{ pointer, code, message }], code);
}
