import {
  DagNotFound,
  DagStale,
  DagStore,
  DagTitleTaken,
  VersionTaken,
  contentOf,
  factsOfChange,
  factsOfRemoval,
  isVersion,
  secretNamesOf,
  summaryOf,
  versionParts,
  type Dag,
  type DagContent,
  type DagFact,
  type DagFilter,
  type DagSummary,
  type DagVersion,
  type DagVersionSummary,
  type DagsNaming,
} from '@flow/dags';
import { decodeCursor, encodeCursor, type DagId, type DomainId, type Page, type PageRequest } from '@flow/kernel';
import type { DagDoc, VersionDoc } from './collections';
import { listDags } from './dag-list';
import { outboxOf, type MongoDagOutbox } from './dag-outbox.mongo';
import { dagKey, foldTitle, isStorable, summaryFrom } from './dag.docs';
import { isDuplicate, type Mongo } from './mongo';

/** Wider than any part of a version, so that versions sort as texts. */
const PART_DIGITS = 16;

/**
 * DAGs and their versions. A DAG's document holds its newest version whole, so that publishing is one update of it; the version's own
 * document follows, and where that got lost on its way it is made before the next one takes its place.
 */
export class MongoDagStore extends DagStore {
  constructor(
    private readonly mongo: Mongo,
    /** Where it is given, what becomes of DAGs is written into their documents. */
    private readonly outbox?: MongoDagOutbox,
  ) {
    super();
  }

  override async create(dag: Dag): Promise<{ dag: Dag; created: boolean }> {
    const standing = await this.any(dag.domain, dag.id);
    if (standing) return { dag: dagFrom(standing), created: false };
    try {
      const told = this.told(factsOfChange(undefined, dag));
      const doc = { ...docFrom(dag), listed: dag.domain, ...told };
      await this.mongo.write('dag.create', () => this.dags.insertOne(doc));
      this.outbox?.ring();
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      const winner = await this.any(dag.domain, dag.id);
      if (!winner) throw new DagTitleTaken(dag.title);
      return { dag: dagFrom(winner), created: false };
    }
    await this.keepVersion(docFrom(dag));
    return { dag, created: true };
  }

  override async find(domain: DomainId, id: DagId): Promise<Dag | undefined> {
    const doc = await this.standing(domain, id);
    return doc ? dagFrom(doc) : undefined;
  }

  override async findByTitle(domain: DomainId, title: string): Promise<Dag | undefined> {
    if (!isStorable(title)) return undefined;
    const doc = await this.mongo.read(() => this.dags.findOne({ titleKey: titleKey(domain, title) }));
    return doc ? dagFrom(doc) : undefined;
  }

  override async findMany(domain: DomainId, ids: readonly DagId[]): Promise<readonly Dag[]> {
    const keys = ids.filter(isStorable).map((id) => dagKey(domain, id));
    const docs = await this.mongo.read(() =>
      this.dags.find({ _id: { $in: keys }, listed: { $exists: true } }).toArray(),
    );
    const byId = new Map(docs.map((doc) => [doc.id, doc]));
    return [...new Set(ids)].flatMap((id) => {
      const doc = byId.get(id);
      return doc ? [dagFrom(doc)] : [];
    });
  }

  override async update(dag: Dag, fromRevision: number, { publish }: { publish: boolean }): Promise<Dag> {
    const standing = await this.standing(dag.domain, dag.id);
    if (!standing) throw new DagNotFound(dag.id);
    if (publish && (standing.version === dag.version || (await this.versionDoc(dag.domain, dag.id, dag.version))))
      throw new VersionTaken(dag.id, dag.version);
    if (standing.revision !== fromRevision) throw new DagStale(dag.id);
    const next: Dag = {
      ...(publish ? dag : dagFrom(standing)),
      status: dag.status,
      tags: dag.tags,
      updatedAt: dag.updatedAt,
      modifiedBy: dag.modifiedBy,
      revision: fromRevision + 1,
    };
    const doc = docFrom(next, publish ? undefined : standing);
    if (publish) await this.keepVersion(standing);
    const told = this.told(factsOfChange(dagFrom(standing), next));
    if (!(await this.replace(doc, fromRevision, told))) return this.update(dag, fromRevision, { publish });
    if (publish) await this.keepVersion(doc);
    return next;
  }

  override async remove(
    domain: DomainId,
    id: DagId,
    removal: { at: string; by: string; fromRevision?: number },
  ): Promise<void> {
    const { fromRevision } = removal;
    const standing = await this.standing(domain, id);
    if (!standing) throw new DagNotFound(id);
    if (fromRevision !== undefined && standing.revision !== fromRevision) throw new DagStale(id);
    await this.keepVersion(standing);
    const { set, push } = adding(this.told(factsOfRemoval(dagFrom(standing), removal)));
    const { matchedCount } = await this.mongo.write('dag.remove', () =>
      this.dags.updateOne(
        { _id: standing._id, listed: domain, revision: standing.revision },
        { $set: { titleKey: standing._id, ...set }, $unset: { listed: '' }, ...push },
      ),
    );
    this.outbox?.ring();
    // Somebody has changed or deleted it meanwhile: it is looked at anew.
    if (matchedCount === 0) await this.remove(domain, id, removal);
  }

  override async list(domain: DomainId, filter: DagFilter, page: PageRequest): Promise<Page<DagSummary>> {
    return listDags(this.mongo, domain, filter, page);
  }

  override async namingSecrets(
    domain: DomainId,
    names: readonly string[],
    limit: number,
  ): Promise<ReadonlyMap<string, DagsNaming>> {
    const found = await Promise.all(
      [...new Set(names)].map(async (secret): Promise<[string, DagsNaming]> => {
        const naming = { listed: domain, secrets: secret };
        const [total, dags] = await this.mongo.read(() =>
          Promise.all([
            this.dags.countDocuments(naming),
            this.dags.find(naming).sort({ createdAt: 1, id: 1 }).limit(limit).toArray(),
          ]),
        );
        return [secret, { total, dags: dags.map(({ id, title }) => ({ id: id as DagId, title })) }];
      }),
    );
    return new Map(found.filter(([, { total }]) => total > 0));
  }

  override async versions(domain: DomainId, id: DagId, page: PageRequest): Promise<Page<DagVersionSummary>> {
    await this.keepNewest(domain, id);
    const all = { dag: dagKey(domain, id) };
    const before =
      page.cursor === undefined
        ? '\uffff'
        : decodeCursor(page.cursor, ['number', 'number', 'number']).map(Number).map(padded).join('.');
    const rows = await this.mongo.read(() =>
      this.versionsOf
        .find({ ...all, order: { $lt: before } })
        .sort({ order: -1 })
        .limit(page.limit + 1)
        .project<Omit<VersionDoc, 'content'>>({ content: 0 })
        .toArray(),
    );
    const shown = rows.slice(0, page.limit);
    const last = rows.length > page.limit ? shown.at(-1) : undefined;
    const total = page.count && (await this.mongo.read(() => this.versionsOf.countDocuments(all)));
    return {
      items: shown.map((row) => versionSummaryFrom(domain, id, row)),
      nextCursor: last ? encodeCursor([...versionParts(last.version)]) : null,
      ...(page.count && { total: Number(total) }),
    };
  }

  override async version(domain: DomainId, id: DagId, version: string): Promise<DagVersion | undefined> {
    if (!isStorable(id) || !isVersion(version)) return undefined;
    const row = (await this.versionDoc(domain, id, version)) ?? (await this.newestAs(domain, id, version));
    return row && { ...versionSummaryFrom(domain, id, row), content: JSON.parse(row.content) as DagContent };
  }

  private get dags() {
    return this.mongo.collection('dags');
  }

  private get versionsOf() {
    return this.mongo.collection('dag_versions');
  }

  private told(facts: readonly DagFact[]): Told {
    return this.outbox && outboxOf(facts);
  }

  /** Deleted or not. */
  private any(domain: DomainId, id: DagId): Promise<DagDoc | null> {
    return this.mongo.read(() => this.dags.findOne({ _id: dagKey(domain, id) }));
  }

  private async standing(domain: DomainId, id: DagId): Promise<DagDoc | undefined> {
    const doc = isStorable(id) ? await this.any(domain, id) : null;
    return doc?.listed === undefined ? undefined : doc;
  }

  /** False when the revision is another one by now. @throws DagTitleTaken */
  private async replace(doc: DagDoc, fromRevision: number, told: Told): Promise<boolean> {
    const { _id, ...fields } = doc;
    const { set, push } = adding(told);
    try {
      const { matchedCount } = await this.mongo.write('dag.update', () =>
        this.dags.updateOne(
          { _id, listed: doc.domain, revision: fromRevision },
          { $set: { ...fields, ...set }, ...push },
        ),
      );
      this.outbox?.ring();
      return matchedCount === 1;
    } catch (error) {
      throw isDuplicate(error) ? new DagTitleTaken(doc.title) : error;
    }
  }

  private versionDoc(domain: DomainId, id: DagId, version: string): Promise<VersionDoc | null> {
    return this.mongo.read(() => this.versionsOf.findOne({ _id: versionKey(dagKey(domain, id), version) }));
  }

  /** The newest version from its DAG, where its own document has not followed yet. */
  private async newestAs(domain: DomainId, id: DagId, version: string): Promise<VersionDoc | undefined> {
    const doc = await this.any(domain, id);
    return doc?.version === version ? versionOfDoc(doc) : undefined;
  }

  private async keepNewest(domain: DomainId, id: DagId): Promise<void> {
    const doc = isStorable(id) ? await this.any(domain, id) : null;
    if (doc) await this.keepVersion(doc);
  }

  /** The version that a DAG's document holds has one of its own. */
  private async keepVersion(doc: DagDoc): Promise<void> {
    const { _id, ...fields } = versionOfDoc(doc);
    if (await this.mongo.read(() => this.versionsOf.findOne({ _id }, { projection: { _id: 1 } }))) return;
    await this.mongo.putNewer('dag.version', 'dag_versions', [{ filter: { _id }, update: { $setOnInsert: fields } }]);
  }
}

type Told = ReturnType<typeof outboxOf>;

/** What is added to the outbox of a document that stands; behind what waits there already. */
function adding(told: Told) {
  return { set: told && { toTellMs: told.toTellMs }, push: told && { $push: { outbox: { $each: [...told.outbox] } } } };
}

export function docFrom(dag: Dag, before?: Pick<DagDoc, 'versionBy' | 'versionAt'>): DagDoc {
  const content = contentOf(dag);
  const { domain, id, title, createdBy, createdAt, updatedAt, status, version, revision, changeLog } = dag;
  const summary = summaryOf(dag);
  return {
    ...{ _id: dagKey(domain, id), id, domain, titleKey: titleKey(domain, title), title, folded: foldTitle(title) },
    ...{ summary: JSON.stringify(summary), content: JSON.stringify(content), changeLog, status },
    ...{ trigger: summary.trigger, tags: [...new Set(dag.tags)], createdBy, createdAt, updatedAt, version, revision },
    versionBy: before?.versionBy ?? dag.modifiedBy,
    versionAt: before?.versionAt ?? updatedAt,
    secrets: [...secretNamesOf(dag)],
  };
}

export function dagFrom(doc: DagDoc): Dag {
  const { trigger: _trigger, ...beside } = summaryFrom(doc);
  return { ...beside, ...(JSON.parse(doc.content) as DagContent), changeLog: doc.changeLog };
}

function titleKey(domain: DomainId, title: string): string {
  return `${domain}\u0001${title}`;
}

export function versionKey(dag: string, version: string): string {
  return `${dag} ${version}`;
}

function versionOfDoc({ _id, version, changeLog, versionBy, versionAt, content }: DagDoc): VersionDoc {
  return versionDocFrom(_id, { version, changeLog, createdBy: versionBy, createdAt: versionAt }, content);
}

export function versionDocFrom(
  dag: string,
  { version, changeLog, createdBy, createdAt }: Omit<DagVersionSummary, 'dagId' | 'domain'>,
  content: string,
): VersionDoc {
  return {
    ...{ _id: versionKey(dag, version), dag, order: versionParts(version).map(padded).join('.') },
    ...{ version, changeLog, createdBy, createdAt, content },
  };
}

export function versionSummaryFrom(
  domain: DomainId,
  dagId: DagId,
  row: Omit<VersionDoc, 'content'>,
): DagVersionSummary {
  const { version, changeLog, createdBy, createdAt } = row;
  return { dagId, domain, version, changeLog, createdBy, createdAt };
}

function padded(part: number): string {
  return String(part).padStart(PART_DIGITS, '0');
}
