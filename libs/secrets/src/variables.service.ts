import { Injectable } from '@nestjs/common';
import { demand, type Caller } from '@flow/auth';
import {
  Clock,
  FORBIDDEN_KEYS,
  IdGenerator,
  RequestInvalid,
  isJsonObject,
  type DomainId,
  type Fault,
  type Json,
  type JsonObject,
  type Page,
  type PageRequest,
} from '@flow/kernel';
import { faultsOfName } from './secret';
import { VariableNameTaken, VariableNotFound } from './secret.errors';
import { VariableStore, type Variable } from './variable.store';

export const LARGEST_VARIABLE_BYTES = 64 * 1024;
const DEEPEST = 32;

/** Variables of a business domain: plain JSON that its flows read as `{{variables.name}}`. */
@Injectable()
export class VariablesService {
  constructor(
    private readonly store: VariableStore,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /**
   * With an `id` a repeat of the same request gives the variable that the first one made.
   * Throws RequestInvalid (all faults) and VariableNameTaken.
   */
  async create(caller: Caller, name: string, value: Json, options: { readonly id?: string } = {}): Promise<Variable> {
    demand(caller, 'variable.manage');
    refuse([...faultsOfName(name), ...faultsOfJson(value)]);
    const now = this.clock.now();
    const by = caller.principal;
    const variable: Variable = {
      id: options.id ?? this.ids.next(),
      domain: caller.domain,
      name,
      value,
      createdBy: by,
      createdAt: now,
      modifiedBy: by,
      updatedAt: now,
    };
    if (await this.store.add(variable)) return variable;
    const standing = await this.store.find(caller.domain, name);
    if (standing?.id === variable.id) return standing;
    throw new VariableNameTaken(name);
  }

  async list(caller: Caller, page: PageRequest): Promise<Page<Variable>> {
    demand(caller, 'variable.view');
    return this.store.list(caller.domain, page);
  }

  /** Throws VariableNotFound. */
  async get(caller: Caller, name: string): Promise<Variable> {
    demand(caller, 'variable.view');
    const variable = await this.store.find(caller.domain, name);
    if (!variable) throw new VariableNotFound(name);
    return variable;
  }

  /** Throws RequestInvalid and VariableNotFound. */
  async replace(caller: Caller, name: string, value: Json): Promise<Variable> {
    demand(caller, 'variable.manage');
    refuse(faultsOfJson(value));
    const replaced = await this.store.replace({
      domain: caller.domain,
      name,
      value,
      modifiedBy: caller.principal,
      updatedAt: this.clock.now(),
    });
    if (!replaced) throw new VariableNotFound(name);
    return replaced;
  }

  /** Throws VariableNotFound. */
  async remove(caller: Caller, name: string): Promise<void> {
    demand(caller, 'variable.manage');
    if (!(await this.store.remove(caller.domain, name))) throw new VariableNotFound(name);
  }

  /** All values of a domain, for whoever starts an instance: what it starts with is what it keeps. */
  async valuesOf(domain: DomainId): Promise<JsonObject> {
    return this.store.values(domain);
  }
}

function faultsOfJson(value: Json): Fault[] {
  const fault = (code: string, message: string): Fault[] => [{ pointer: '/value', code, message }];
  if (!isShallow(value, DEEPEST))
    return fault(
      'variable.value_invalid',
      `A variable nests at most ${DEEPEST} levels and has no key that is a part of JavaScript.`,
    );
  const bytes = Buffer.byteLength(JSON.stringify(value), 'utf8');
  return bytes <= LARGEST_VARIABLE_BYTES
    ? []
    : fault(
        'variable.value_invalid',
        `A variable has at most ${LARGEST_VARIABLE_BYTES} bytes as JSON; this one has ${bytes}.`,
      );
}

function isShallow(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  if (!isJsonObject(value)) return value.every((item) => isShallow(item, levels - 1));
  return Object.entries(value).every(([key, item]) => !FORBIDDEN_KEYS.has(key) && isShallow(item, levels - 1));
}

function refuse(faults: readonly Fault[]): void {
  if (faults.length > 0) throw new RequestInvalid(faults);
}
