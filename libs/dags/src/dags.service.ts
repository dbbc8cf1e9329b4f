import { Injectable } from '@nestjs/common';
import { demand, type Caller } from '@flow/auth';
import {
  Clock,
  IdGenerator,
  RequestInvalid,
  type DagId,
  type Fault,
  type JsonObject,
  type Page,
  type PageRequest,
} from '@flow/kernel';
import { OperatorCatalogue } from '@flow/operators';
import { atVersion, contentOf, type Dag, type DagSummary } from './dag';
import { VersionNotFound } from './dag.errors';
import { DagLimits } from './dag-limits';
import { DagPublisher } from './dag-publisher.service';
import { DagStore, type DagFilter } from './dag.store';
import { graphOfDag, mermaidOf, type DagDrawing } from './graph';
import { dagJsonSchema } from './schema';
import { StartChecks } from './start-checks';
import { FIRST_VERSION } from './version';

/** What `validate` answers; a refused save carries the same `errors`. */
export interface DagValidation {
  readonly valid: boolean;
  readonly errors: readonly Fault[];
  readonly warnings: readonly Fault[];
}

/** Making, reading and changing DAGs. What comes from outside as a definition is `unknown`: it is checked here. */
@Injectable()
export class DagsService {
  private readonly publisher: DagPublisher;
  private schemaOfDags: JsonObject | undefined;

  constructor(
    private readonly store: DagStore,
    private readonly catalogue: OperatorCatalogue,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly limits: DagLimits,
    starts?: StartChecks,
  ) {
    this.publisher = new DagPublisher(store, catalogue, clock, limits, starts);
  }

  /**
   * With an `id` a repeat of the same request gives the DAG that the first one made.
   * Throws DagInvalid and DagTitleTaken.
   */
  async create(caller: Caller, sent: unknown, options: { readonly id?: DagId } = {}): Promise<Dag> {
    demand(caller, 'dag.create');
    const definition = await this.publisher.checked(caller, sent, options.id);
    const now = this.clock.now().toISOString();
    const { dag } = await this.store.create({
      ...contentOf(definition),
      id: options.id ?? this.ids.next<DagId>(),
      domain: caller.domain,
      status: definition.status ?? 'normal',
      tags: definition.tags ?? [],
      version: definition.version ?? FIRST_VERSION,
      changeLog: definition.changeLog ?? '',
      createdBy: caller.principal,
      createdAt: now,
      updatedAt: now,
      modifiedBy: caller.principal,
      revision: 1,
    });
    return dag;
  }

  /** The newest version, or the one that is asked for. Throws DagNotFound and VersionNotFound. */
  async get(caller: Caller, id: DagId, version?: string): Promise<Dag> {
    demand(caller, 'dag.view');
    const dag = await this.publisher.get(caller, id);
    if (version === undefined || version === dag.version) return dag;
    const older = await this.store.version(caller.domain, id, version);
    if (!older) throw new VersionNotFound(id, version);
    return atVersion(dag, older);
  }

  /**
   * Puts the whole definition in the place of the one that stands; makes a version when it differs. Absent fields take their
   * defaults, but `status` and `tags` stay as they are. Throws as DagPublisher.change does.
   */
  async update(caller: Caller, id: DagId, sent: unknown, options: { readonly ifRevision?: number } = {}): Promise<Dag> {
    demand(caller, 'dag.modify');
    return this.publisher.change(caller, id, () => sent, options);
  }

  async list(caller: Caller, filter: DagFilter, page: PageRequest): Promise<Page<DagSummary>> {
    demand(caller, 'dag.view');
    return this.store.list(caller.domain, filter, page);
  }

  /** Every fault at once; saves nothing. What is checked is meant for the DAG that has the title, if one has it. */
  async validate(caller: Caller, sent: unknown): Promise<DagValidation> {
    demand(caller, 'dag.view');
    const idOf = async (title: string) => (await this.store.findByTitle(caller.domain, title))?.id;
    const { faults, warnings } = await this.publisher.check(caller, sent, idOf);
    return { valid: faults.length === 0, errors: faults, warnings };
  }

  /** Those that stand, in the order of the ids; with `fields` only these, and always the id. Throws RequestInvalid. */
  async batchGet(caller: Caller, ids: readonly DagId[], fields?: readonly string[]): Promise<readonly Partial<Dag>[]> {
    demand(caller, 'dag.view');
    const faults: Fault[] = [];
    if (ids.length > this.limits.batch)
      faults.push({ pointer: '/ids', code: 'field.too_long', message: `At most ${this.limits.batch} ids at once.` });
    fields?.forEach((field, i) => {
      if (!DAG_FIELDS.has(field))
        faults.push({ pointer: `/fields/${i}`, code: 'field.invalid', message: `A DAG has no field "${field}".` });
    });
    if (faults.length > 0) throw new RequestInvalid(faults);
    const dags = await this.store.findMany(caller.domain, ids);
    if (!fields) return dags;
    const wanted = new Set(['id', ...fields]);
    return dags.map((dag) => Object.fromEntries(Object.entries(dag).filter(([field]) => wanted.has(field))));
  }

  async graph(caller: Caller, id: DagId, version?: string): Promise<DagDrawing> {
    return graphOfDag(await this.get(caller, id, version));
  }

  /** The same as Mermaid's text. */
  async mermaid(caller: Caller, id: DagId, version?: string): Promise<string> {
    return mermaidOf(await this.graph(caller, id, version));
  }

  /** JSON Schema of definitions, with the parameters of every operator, for editors. */
  schema(): JsonObject {
    this.schemaOfDags ??= dagJsonSchema(this.catalogue);
    return this.schemaOfDags;
  }
}

const DAG_FIELDS: ReadonlySet<string> = new Set<keyof Dag>([
  'id',
  'title',
  'description',
  'status',
  'type',
  'tags',
  'labels',
  'priority',
  'vars',
  'steps',
  'outputs',
  'timeout',
  'startBy',
  'concurrency',
  'rateLimit',
  'retention',
  'version',
  'changeLog',
  'createdBy',
  'createdAt',
  'updatedAt',
  'modifiedBy',
]);
