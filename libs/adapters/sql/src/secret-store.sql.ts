import type { DomainId, Page, PageRequest } from '@flow/kernel';
import { SecretStore, type Secret, type StoredSecret } from '@flow/secrets';
import { pageByName } from './pages';
import { isDuplicate, type Relational } from './relational';
import { SECRETS } from './secret.entity';

const SHOWN = ['id', 'domain', 'name', 'hosts', 'createdBy', 'createdAt', 'modifiedBy', 'updatedAt'] as const;

/** Sealed secrets in the relational database. */
export class SqlSecretStore extends SecretStore {
  constructor(private readonly relational: Relational) {
    super();
  }

  override async add(secret: StoredSecret): Promise<boolean> {
    try {
      await this.relational.run('secret.add', (tx) => tx.repository(SECRETS).insert({ ...secret }));
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  override async replace({ id, domain, name, ...content }: StoredSecret): Promise<boolean> {
    const { affected } = await this.relational.run('secret.replace', (tx) =>
      tx.repository(SECRETS).update({ id, domain, name }, content),
    );
    return affected === 1;
  }

  override async find(domain: DomainId, name: string): Promise<StoredSecret | undefined> {
    const secret = await this.relational.read((tx) => tx.repository(SECRETS).findOneBy({ domain, name }));
    return secret ? { ...secret } : undefined;
  }

  override async findMany(domain: DomainId, names: readonly string[]): Promise<readonly StoredSecret[]> {
    if (names.length === 0) return [];
    const found = await this.relational.read((tx) =>
      tx.repository(SECRETS).findBy(names.map((name) => ({ domain, name }))),
    );
    return found.map((secret) => ({ ...secret }));
  }

  override async list(domain: DomainId, page: PageRequest): Promise<Page<Secret>> {
    return this.relational.read((tx) => pageByName(tx.repository(SECRETS), domain, page, SHOWN));
  }

  override async remove(domain: DomainId, name: string): Promise<boolean> {
    const { affected } = await this.relational.run('secret.remove', (tx) =>
      tx.repository(SECRETS).delete({ domain, name }),
    );
    return affected === 1;
  }
}
