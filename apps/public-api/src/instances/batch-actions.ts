import type { Caller, Permission } from '@flow/auth';
import type { BatchItem, InstanceActions, RetriesService } from '@flow/instances';
import { RequestInvalid, type Fault, type InstanceId } from '@flow/kernel';
import { cancelRequestOf, type BatchAction, type InstanceBatchBody } from './instances.dto';

interface Action {
  readonly permission: Permission;
  /** Fields of the body that it reads beside `action` and `ids`. */
  readonly takes: readonly (keyof InstanceBatchBody)[];
  /** Gives the instance that was made, where one is. */
  readonly act: (
    caller: Caller,
    id: InstanceId,
    body: InstanceBatchBody,
    traceparent: string | undefined,
  ) => Promise<InstanceId | undefined>;
}

/** What POST /instances/batch can do, one line an action. */
export class BatchActions {
  private readonly table: Readonly<Record<BatchAction, Action>>;

  constructor(
    private readonly actions: InstanceActions,
    retries: RetriesService,
  ) {
    this.table = {
      cancel: {
        permission: 'instance.cancel',
        takes: ['reason', 'compensate'],
        act: (caller, id, body) => done(actions.cancel(caller, id, cancelRequestOf(body))),
      },
      pause: {
        permission: 'instance.pause',
        takes: [],
        act: (caller, id) => done(actions.pause(caller, id)),
      },
      resume: {
        permission: 'instance.pause',
        takes: [],
        act: (caller, id) => done(actions.resume(caller, id)),
      },
      retry: {
        permission: 'instance.retry',
        takes: ['version'],
        act: async (caller, id, { version = 'original' }, traceparent) => {
          const request = { from: 'failed', version, ...(traceparent !== undefined && { traceparent }) } as const;
          return (await retries.retry(caller, id, request)).instance.id;
        },
      },
    };
  }

  /** @throws RequestInvalid for a field that the action does not read, PermissionMissing for the action as a whole */
  async run(
    caller: Caller,
    body: InstanceBatchBody,
    traceparent?: string,
  ): Promise<readonly BatchItem<InstanceId | undefined>[]> {
    const { permission, takes, act } = this.table[body.action];
    const faults: Fault[] = (['reason', 'compensate', 'version'] as const)
      .filter((field) => body[field] !== undefined && !takes.includes(field))
      .map((field) => ({
        pointer: `/${field}`,
        code: 'field.unknown',
        message: `The action ${body.action} takes no ${field}.`,
      }));
    if (faults.length > 0) throw new RequestInvalid(faults);
    return this.actions.batch(caller, permission, body.ids as InstanceId[], (id) => act(caller, id, body, traceparent));
  }
}

async function done(work: Promise<unknown>): Promise<undefined> {
  await work;
  return undefined;
}

export interface BatchItemView {
  readonly id: InstanceId;
  readonly ok: boolean;
  /** The instance that was made: of a retry. */
  readonly instanceId?: InstanceId;
  readonly error?: { readonly code: string; readonly message: string };
}

export function toBatchItemView(item: BatchItem<InstanceId | undefined>): BatchItemView {
  const { id, ok } = item;
  if (!item.ok) return { id, ok, error: { code: item.error.code, message: item.error.message } };
  return { id, ok, ...(item.value !== undefined && { instanceId: item.value }) };
}
