import { DagStore, type Dag, type DagFilter } from '@flow/dags';
import type { DagId, DomainId, PageRequest } from '@flow/kernel';
import type { TriggerRegistrar } from './trigger-registrar';

/** A store of DAGs whose triggers follow every change before it is acknowledged. Where they cannot, `DagTriggers` hears of it later: that makes it sure. */
export class FollowedDagStore extends DagStore {
  private registrar: TriggerRegistrar | undefined;

  constructor(
    private readonly inner: DagStore,
    private readonly onFault: (error: unknown) => void,
  ) {
    super();
  }

  /** From now on; a registrar needs what starts runs, and that needs the DAGs. */
  followWith(registrar: TriggerRegistrar): void {
    this.registrar = registrar;
  }

  override async create(dag: Dag) {
    const made = await this.inner.create(dag);
    await this.followed((registrar) => registrar.follow(made.dag));
    return made;
  }

  override async update(dag: Dag, fromRevision: number, options: { readonly publish: boolean }): Promise<Dag> {
    const stored = await this.inner.update(dag, fromRevision, options);
    if (options.publish) await this.followed((registrar) => registrar.follow(stored));
    return stored;
  }

  override async remove(domain: DomainId, id: DagId, removal: Parameters<DagStore['remove']>[2]): Promise<void> {
    await this.inner.remove(domain, id, removal);
    await this.followed((registrar) => registrar.gone(domain, id, removal.by));
  }

  override find(domain: DomainId, id: DagId) {
    return this.inner.find(domain, id);
  }

  override findByTitle(domain: DomainId, title: string) {
    return this.inner.findByTitle(domain, title);
  }

  override findMany(domain: DomainId, ids: readonly DagId[]) {
    return this.inner.findMany(domain, ids);
  }

  override list(domain: DomainId, filter: DagFilter, page: PageRequest) {
    return this.inner.list(domain, filter, page);
  }

  override namingSecrets(domain: DomainId, names: readonly string[], limit: number) {
    return this.inner.namingSecrets(domain, names, limit);
  }

  override versions(domain: DomainId, id: DagId, page: PageRequest) {
    return this.inner.versions(domain, id, page);
  }

  override version(domain: DomainId, id: DagId, version: string) {
    return this.inner.version(domain, id, version);
  }

  /** The DAG is durable: that its trigger cannot follow now is no fault of whoever sent it. */
  private async followed(follow: (registrar: TriggerRegistrar) => Promise<void>): Promise<void> {
    try {
      if (this.registrar) await follow(this.registrar);
    } catch (error) {
      this.onFault(error);
    }
  }
}
