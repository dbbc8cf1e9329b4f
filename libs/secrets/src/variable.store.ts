import type { DomainId, Json, JsonObject, Page, PageRequest, PrincipalId } from '@flow/kernel';

/** A plain value that the flows of a business domain share; read in templates as `{{variables.name}}`. */
export interface Variable {
  readonly id: string;
  readonly domain: DomainId;
  readonly name: string;
  readonly value: Json;
  readonly createdBy: PrincipalId;
  readonly createdAt: Date;
  readonly modifiedBy: PrincipalId;
  readonly updatedAt: Date;
}

/** Variables of business domains. A name is unique within its domain, by the key. */
export abstract class VariableStore {
  /** False, and nothing changed, when the name is taken; of many at once exactly one is added. */
  abstract add(variable: Variable): Promise<boolean>;
  /** Sets value, modifiedBy and updatedAt of the one with this domain and name, and gives it; undefined when there is none. */
  abstract replace(
    change: Pick<Variable, 'domain' | 'name' | 'value' | 'modifiedBy' | 'updatedAt'>,
  ): Promise<Variable | undefined>;
  abstract find(domain: DomainId, name: string): Promise<Variable | undefined>;
  /** Sorted by name (code points); keyset pages. */
  abstract list(domain: DomainId, page: PageRequest): Promise<Page<Variable>>;
  abstract remove(domain: DomainId, name: string): Promise<boolean>;
  /** All values of the domain by name. */
  abstract values(domain: DomainId): Promise<JsonObject>;
}
