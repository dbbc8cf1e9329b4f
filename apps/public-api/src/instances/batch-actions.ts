import type { Caller, Permission } from '@flow/auth';
import type { BatchItem, InstanceActions } from '@flow/instances';
import { RequestInvalid, type Fault, type InstanceId } from '@flow/kernel';
import { cancelRequestOf, type BatchAction, type InstanceBatchBody } from './instances.dto';

interface Action {
  readonly permission: Permission;
  /** Fields of the body that it reads beside `action` and `ids`. */
  readonly takes: readonly (keyof InstanceBatchBody)[];
  readonly act: (caller: Caller, id: InstanceId, body: InstanceBatchBody) => Promise<unknown>;
}

/** What POST /instances/batch can do, one line an action. */
export class BatchActions {
  private readonly table: Readonly<Record<BatchAction, Action>>;

  constructor(private readonly actions: InstanceActions) {
    this.table = {
      cancel: {
        permission: 'instance.cancel',
        takes: ['reason', 'compensate'],
        act: (caller, id, body) => actions.cancel(caller, id, cancelRequestOf(body)),
      },
      pause: { permission: 'instance.pause', takes: [], act: (caller, id) => actions.pause(caller, id) },
      resume: { permission: 'instance.pause', takes: [], act: (caller, id) => actions.resume(caller, id) },
    };
  }

  /** @throws RequestInvalid for a field that the action does not read, PermissionMissing for the action as a whole */
  async run(caller: Caller, body: InstanceBatchBody): Promise<readonly BatchItem[]> {
    const { permission, takes, act } = this.table[body.action];
    const faults: Fault[] = (['reason', 'compensate'] as const)
      .filter((field) => body[field] !== undefined && !takes.includes(field))
      .map((field) => ({
        pointer: `/${field}`,
        code: 'field.unknown',
        message: `The action ${body.action} takes no ${field}.`,
      }));
    if (faults.length > 0) throw new RequestInvalid(faults);
    return this.actions.batch(caller, permission, body.ids as InstanceId[], (id) => act(caller, id, body));
  }
}

export interface BatchItemView {
  readonly id: InstanceId;
  readonly ok: boolean;
  readonly error?: { readonly code: string; readonly message: string };
}

export function toBatchItemView({ id, ok, error }: BatchItem): BatchItemView {
  return { id, ok, ...(error && { error: { code: error.code, message: error.message } }) };
}
