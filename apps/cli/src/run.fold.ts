import type { Task } from './instance.reader';

/** What is shown of a step of a run. */
export type SeenTask = Pick<
  Task,
  'id' | 'path' | 'stepId' | 'operator' | 'status' | 'attempt' | 'startedAt' | 'endedAt'
>;

/** An event of a run, as far as it is about a step. */
export interface RunEvent {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly taskId?: string;
  readonly stepId?: string;
  readonly path?: string;
  readonly attempt?: number;
}

const PHASES = [
  'pending',
  'running',
  'retrying',
  'waiting',
  'succeeded',
  'failed',
  'skipped',
  'cancelled',
] as const satisfies readonly Task['status'][];
const FIRST_END = PHASES.indexOf('succeeded');

/** The steps of a run, put together from its events in their order. */
export class RunFold {
  private readonly byId = new Map<string, SeenTask>();

  /** Operators by the ids of steps: events do not tell them. */
  constructor(private readonly operators: ReadonlyMap<string, string>) {}

  /** Those that have ended in the order of their ends. */
  get tasks(): readonly SeenTask[] {
    return [...this.byId.values()];
  }

  take({ type, at, taskId, stepId = '', path = '', attempt = 1 }: RunEvent): void {
    const phase = PHASES.findIndex((one) => type === `task.${one}`);
    const status = PHASES[phase];
    if (taskId === undefined || status === undefined) return;
    const startedAt = this.byId.get(taskId)?.startedAt ?? at;
    const ends = phase >= FIRST_END;
    if (ends) this.byId.delete(taskId);
    this.byId.set(taskId, {
      id: taskId,
      path,
      stepId,
      operator: this.operators.get(stepId) ?? '',
      status,
      attempt,
      startedAt,
      endedAt: ends ? at : null,
    });
  }
}

/** The operator of every step of a definition, however deep it stands. */
export function operatorsIn(steps: unknown, found = new Map<string, string>()): ReadonlyMap<string, string> {
  if (Array.isArray(steps)) for (const one of steps as unknown[]) operatorsIn(one, found);
  else if (typeof steps === 'object' && steps !== null) {
    const { id, operator, ...rest } = steps as { id?: unknown; operator?: unknown };
    if (typeof id === 'string' && typeof operator === 'string') found.set(id, operator);
    // Parameters hold data, and no steps.
    for (const [name, inner] of Object.entries(rest)) if (name !== 'parameters') operatorsIn(inner, found);
  }
  return found;
}
