import { demand, type Caller } from '@flow/auth';
import { DagNotFound, type DagStore } from '@flow/dags';
import type { GivenFiles } from '@flow/files';
import { InputInvalid } from '@flow/instances';
import { canonicalJson, isJsonObject, type Clock, type JsonObject, type TriggerId } from '@flow/kernel';
import type { JsonSchema, OperatorCatalogue, TriggerOperator } from '@flow/operators';
import type { Firing } from './firing';
import { MOST_INPUTS, type SavedInput } from './saved-input';
import type { SavedInputStore } from './saved-input.store';
import type { Trigger } from './trigger';
import { InputAmbiguous, SavedInputNameTaken, SavedInputNotFound, SavedInputsTooMany } from './trigger.errors';
import type { TriggersService } from './triggers.service';

const ANYTHING: JsonSchema = { type: 'object', additionalProperties: true };

/** What is checked of the data that a run of a trigger's DAG takes. */
interface Form {
  readonly operator: TriggerOperator;
  readonly parameters: JsonObject;
}

/** What people fill in before they fire a trigger: its form, data saved under names, and the firing of what fits. */
export class FormsService {
  constructor(
    private readonly triggers: TriggersService,
    private readonly inputs: SavedInputStore,
    private readonly dags: DagStore,
    private readonly catalogue: OperatorCatalogue,
    private readonly files: GivenFiles,
    private readonly clock: Clock,
  ) {}

  /** JSON Schema of the data that `fire` takes. @throws TriggerNotFound, DagNotFound */
  async schemaOf(caller: Caller, id: TriggerId): Promise<JsonSchema> {
    demand(caller, 'trigger.view');
    const form = await this.formOf(await this.triggers.find(caller, id));
    return form ? form.operator.inputSchema(form.parameters) : ANYTHING;
  }

  /** As `TriggersService.fire`, of data that fits. @throws InputInvalid, FilesUnknown, InputAmbiguous, SavedInputNotFound, what `fire` throws */
  async fire(
    caller: Caller,
    id: TriggerId,
    given: { readonly data?: JsonObject; readonly input?: string },
    key: string,
  ): Promise<Firing> {
    demand(caller, 'trigger.fire');
    if (given.data && given.input !== undefined) throw new InputAmbiguous();
    const trigger = await this.triggers.find(caller, id);
    const data = given.input === undefined ? given.data : (await this.find(caller, id, given.input)).data;
    if (data || trigger.kind === 'form') await this.check(caller, trigger, data ?? {});
    return this.triggers.fire(caller, id, data, key);
  }

  /** The same again is the one that stands. @throws InputInvalid, SavedInputNameTaken, SavedInputsTooMany, TriggerNotFound */
  async save(caller: Caller, id: TriggerId, name: string, data: JsonObject): Promise<SavedInput> {
    demand(caller, 'trigger.manage');
    const trigger = await this.triggers.find(caller, id);
    await this.check(caller, trigger, data);
    const { domain, principal } = caller;
    const input = { triggerId: id, domain, name, data, createdBy: principal, createdAt: this.clock.now() };
    const outcome = await this.inputs.add(input, MOST_INPUTS);
    if (outcome === 'full') throw new SavedInputsTooMany(MOST_INPUTS);
    if (outcome === 'added') return input;
    const standing = await this.find(caller, id, name);
    if (canonicalJson(standing.data) !== canonicalJson(data)) throw new SavedInputNameTaken(name);
    return standing;
  }

  /** @throws TriggerNotFound */
  async list(caller: Caller, id: TriggerId): Promise<readonly SavedInput[]> {
    demand(caller, 'trigger.view');
    await this.triggers.find(caller, id);
    return this.inputs.list(caller.domain, id);
  }

  /** @throws TriggerNotFound, SavedInputNotFound */
  async remove(caller: Caller, id: TriggerId, name: string): Promise<void> {
    demand(caller, 'trigger.manage');
    await this.triggers.find(caller, id);
    if (!(await this.inputs.remove(caller.domain, id, name))) throw new SavedInputNotFound(name);
  }

  private async find(caller: Caller, id: TriggerId, name: string): Promise<SavedInput> {
    const input = await this.inputs.find(caller.domain, id, name);
    if (!input) throw new SavedInputNotFound(name);
    return input;
  }

  private async check({ domain, principal }: Caller, trigger: Trigger, data: JsonObject): Promise<void> {
    const form = await this.formOf(trigger);
    if (!form) return;
    const { operator, parameters } = form;
    const fields = operator.fileFields?.(parameters) ?? [];
    const given = await this.files.named(domain, { principal, at: this.clock.now() }, fields, data);
    const accepted = operator.accept(parameters, given.data);
    if ('faults' in accepted)
      throw new InputInvalid(accepted.faults.map((fault) => ({ ...fault, pointer: `/data${fault.pointer}` })));
  }

  /** Undefined where the trigger makes something else of the data, so that nothing can be said of it. */
  private async formOf({ domain, dagId, input }: Trigger): Promise<Form | undefined> {
    const dag = await this.dags.find(domain, dagId);
    if (!dag) throw new DagNotFound(dagId);
    const { operator = '', parameters = {} } = dag.steps[0] ?? {};
    const found = this.catalogue.find(operator);
    if (input !== null || found?.kind !== 'trigger') return undefined;
    return { operator: found, parameters: isJsonObject(parameters) ? parameters : {} };
  }
}
