import { RunSurroundings } from '@flow/instances';
import type { DomainId, JsonObject } from '@flow/kernel';
import type { VariablesService } from '@flow/secrets';

/** The environment variables that EXPRESSION_ENV allows, and the domain's variables. */
export class Surroundings extends RunSurroundings {
  private readonly allowed: JsonObject;

  constructor(
    names: readonly string[],
    private readonly vars: VariablesService,
  ) {
    super();
    this.allowed = Object.fromEntries(names.map((name) => [name, process.env[name] ?? null]));
  }

  override env(): JsonObject {
    return this.allowed;
  }

  override variables(domain: DomainId): Promise<JsonObject> {
    return this.vars.valuesOf(domain);
  }
}
