import { Injectable } from '@nestjs/common';
import { demand, type Caller } from '@flow/auth';
import { Clock, IdGenerator, RequestInvalid, type Page, type PageRequest } from '@flow/kernel';
import { faultsOfHosts, faultsOfName, faultsOfValue, normalHosts, type Secret } from './secret';
import { SecretBox } from './secret-box';
import { SecretInUse, SecretNameTaken, SecretNotFound } from './secret.errors';
import { SecretStore, type StoredSecret } from './secret.store';
import { NO_USE, SecretUsers, type SecretUse } from './secret.users';
import { StoredSecretReader, placeOf } from './stored-secret.reader';

export interface SecretContent {
  readonly value: string;
  /** Where it may be sent; nowhere when left out. */
  readonly hosts?: readonly string[];
}

/** A secret and the DAGs that name it, for who may see them. */
export interface UsedSecret extends Secret {
  readonly usedBy: SecretUse;
}

/** How many of the DAGs that name a secret are shown; their number is exact. */
export const USERS_SHOWN = 20;

/** Secrets of a business domain: values go in and never come out here. */
@Injectable()
export class SecretsService {
  constructor(
    private readonly store: SecretStore,
    private readonly box: SecretBox,
    private readonly reader: StoredSecretReader,
    private readonly users: SecretUsers,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /**
   * With an `id` a repeat of the same request gives the secret that the first one made.
   * Throws RequestInvalid (all faults) and SecretNameTaken.
   */
  async create(
    caller: Caller,
    name: string,
    content: SecretContent,
    options: { readonly id?: string } = {},
  ): Promise<UsedSecret> {
    demand(caller, 'secret.manage');
    refuse([...faultsOfName(name), ...faultsOfContent(content)]);
    const now = this.clock.now();
    const id = options.id ?? this.ids.next();
    const secret: StoredSecret = {
      id,
      domain: caller.domain,
      name,
      hosts: normalHosts(content.hosts ?? []),
      envelope: this.box.seal(content.value, placeOf({ domain: caller.domain, id })),
      createdBy: caller.principal,
      createdAt: now,
      modifiedBy: caller.principal,
      updatedAt: now,
    };
    if (await this.store.add(secret)) {
      this.reader.forget(caller.domain, name);
      return this.shown(caller, secret);
    }
    const standing = await this.store.find(caller.domain, name);
    if (standing?.id === id) return this.shown(caller, standing);
    throw new SecretNameTaken(name);
  }

  async list(caller: Caller, page: PageRequest): Promise<Page<UsedSecret>> {
    demand(caller, 'secret.view');
    const secrets = await this.store.list(caller.domain, page);
    return { ...secrets, items: await this.used(caller, secrets.items) };
  }

  /** Throws SecretNotFound. */
  async get(caller: Caller, name: string): Promise<UsedSecret> {
    demand(caller, 'secret.view');
    return this.shown(caller, await this.stored(caller, name));
  }

  /**
   * A new value and new hosts. The hosts cannot be changed alone: who decides where a secret goes has to know it.
   * Throws RequestInvalid and SecretNotFound.
   */
  async replace(caller: Caller, name: string, content: SecretContent): Promise<UsedSecret> {
    demand(caller, 'secret.manage');
    refuse(faultsOfContent(content));
    const standing = await this.stored(caller, name);
    const secret: StoredSecret = {
      ...standing,
      hosts: normalHosts(content.hosts ?? []),
      envelope: this.box.seal(content.value, placeOf(standing)),
      modifiedBy: caller.principal,
      updatedAt: this.clock.now(),
    };
    const replaced = await this.store.replace(secret);
    this.reader.forget(caller.domain, name);
    if (!replaced) throw new SecretNotFound(name);
    return this.shown(caller, secret);
  }

  /**
   * Throws SecretNotFound, and SecretInUse unless `force` is asked for. A DAG that is saved at the same moment may come to name a
   * secret that is gone: its step then fails and says so.
   */
  async remove(caller: Caller, name: string, options: { readonly force?: boolean } = {}): Promise<void> {
    demand(caller, 'secret.manage');
    if (options.force !== true) {
      const { usedBy } = await this.shown(caller, await this.stored(caller, name));
      if (usedBy.total > 0) throw new SecretInUse(name, usedBy);
    }
    const removed = await this.store.remove(caller.domain, name);
    this.reader.forget(caller.domain, name);
    if (!removed) throw new SecretNotFound(name);
  }

  private async shown(caller: Caller, { envelope: _hidden, ...secret }: StoredSecret): Promise<UsedSecret> {
    const use = await this.usesOf(caller, [secret.name]);
    return { ...secret, usedBy: use(secret.name) };
  }

  private async used(caller: Caller, secrets: readonly Secret[]): Promise<UsedSecret[]> {
    const use = await this.usesOf(
      caller,
      secrets.map(({ name }) => name),
    );
    return secrets.map((secret) => ({ ...secret, usedBy: use(secret.name) }));
  }

  /** Who may not see DAGs learns how many there are, and no more. */
  private async usesOf(caller: Caller, names: readonly string[]): Promise<(name: string) => SecretUse> {
    const uses = await this.users.of(caller.domain, names, caller.permissions.has('dag.view') ? USERS_SHOWN : 0);
    return (name) => uses.get(name) ?? NO_USE;
  }

  private async stored(caller: Caller, name: string): Promise<StoredSecret> {
    const secret = await this.store.find(caller.domain, name);
    if (!secret) throw new SecretNotFound(name);
    return secret;
  }
}

function faultsOfContent({ value, hosts = [] }: SecretContent) {
  return [...faultsOfValue(value), ...faultsOfHosts(hosts)];
}

function refuse(faults: ConstructorParameters<typeof RequestInvalid>[0]): void {
  if (faults.length > 0) throw new RequestInvalid(faults);
}
