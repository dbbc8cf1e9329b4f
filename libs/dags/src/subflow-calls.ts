import type { DagId } from '@flow/kernel';
import { walkSteps, type Step } from '@flow/operators';

/** One step that starts a run of another DAG. */
export interface SubflowCall {
  readonly dagId: DagId;
  /** The newest when absent. */
  readonly version?: string;
  /** The step's parameters, in the definition that calls. */
  readonly pointer: string;
}

/** The sub-flows of a definition that has passed the check: there every id is written down. */
export function subflowCallsOf(steps: readonly Step[]): readonly SubflowCall[] {
  const calls: SubflowCall[] = [];
  for (const { step, pointer } of walkSteps(steps)) {
    if (!step.operator.startsWith('@subflow/call/')) continue;
    const { dagId, version } = step.parameters ?? {};
    if (typeof dagId !== 'string') continue;
    calls.push({
      dagId: dagId as DagId,
      ...(typeof version === 'string' && { version }),
      pointer: `${pointer}/parameters`,
    });
  }
  return calls;
}
