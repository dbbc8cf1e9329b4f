import { Injectable } from '@nestjs/common';
import { demand, type Caller } from '@flow/auth';
import { Clock, IdGenerator, RequestInvalid, type Page, type PageRequest } from '@flow/kernel';
import { faultsOfHosts, faultsOfName, faultsOfValue, normalHosts, type Secret } from './secret';
import { SecretBox } from './secret-box';
import { SecretNameTaken, SecretNotFound } from './secret.errors';
import { SecretStore, type StoredSecret } from './secret.store';
import { StoredSecretReader, placeOf } from './stored-secret.reader';

export interface SecretContent {
  readonly value: string;
  /** Where it may be sent; nowhere when left out. */
  readonly hosts?: readonly string[];
}

/** Secrets of a business domain: values go in and never come out here. */
@Injectable()
export class SecretsService {
  constructor(
    private readonly store: SecretStore,
    private readonly box: SecretBox,
    private readonly reader: StoredSecretReader,
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
  ): Promise<Secret> {
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
      return shown(secret);
    }
    const standing = await this.store.find(caller.domain, name);
    if (standing?.id === id) return shown(standing);
    throw new SecretNameTaken(name);
  }

  async list(caller: Caller, page: PageRequest): Promise<Page<Secret>> {
    demand(caller, 'secret.view');
    return this.store.list(caller.domain, page);
  }

  /** Throws SecretNotFound. */
  async get(caller: Caller, name: string): Promise<Secret> {
    demand(caller, 'secret.view');
    return shown(await this.stored(caller, name));
  }

  /**
   * A new value and new hosts. The hosts cannot be changed alone: who decides where a secret goes has to know it.
   * Throws RequestInvalid and SecretNotFound.
   */
  async replace(caller: Caller, name: string, content: SecretContent): Promise<Secret> {
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
    return shown(secret);
  }

  /** Throws SecretNotFound. */
  async remove(caller: Caller, name: string): Promise<void> {
    demand(caller, 'secret.manage');
    const removed = await this.store.remove(caller.domain, name);
    this.reader.forget(caller.domain, name);
    if (!removed) throw new SecretNotFound(name);
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

function shown({ envelope: _hidden, ...secret }: StoredSecret): Secret {
  return secret;
}
