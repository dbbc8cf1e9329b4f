import type { Json, JsonObject } from '@flow/kernel';
import {
  advance,
  compilePlan,
  keyOfEvaluation,
  newRun,
  type Command,
  type Evaluation,
  type Plan,
  type PlanSource,
  type RunEvent,
  type RunStart,
  type RunState,
} from '@flow/engine';
import {
  OperatorCatalogue,
  done,
  type ActionOperator,
  type Effect,
  type Operator,
  type Step,
  type TaskError,
} from '@flow/operators';

const anything = { type: 'object' } as const;

function action(id: string, effect: Effect): ActionOperator {
  const about = {
    title: id,
    help: 'For tests.',
    parameters: anything,
    output: {},
    example: { parameters: {}, output: null },
  };
  return {
    ...about,
    id,
    kind: 'action',
    effect,
    idempotent: false,
    timeoutMs: 60_000,
    capabilities: [],
    run: ({ parameters }) => done(parameters),
  };
}

function control(id: string, verbatim: readonly string[] = []): Operator {
  return {
    id,
    kind: 'control',
    title: id,
    help: 'For tests.',
    parameters: anything,
    output: {},
    example: { parameters: {}, output: null },
    verbatim,
  };
}

/** A trigger, the constructs, and operators of each effect (`@test/pure`, `@test/read`, `@test/write`) that give back their parameters. */
export function testOperators(): Operator[] {
  const trigger: Operator = {
    ...control('@trigger/manual'),
    kind: 'trigger',
    trigger: 'manual',
    inputSchema: () => ({}),
    accept: (_parameters, input) => ({ output: input }),
  };
  return [
    trigger,
    control('@control/flow/branches'),
    control('@control/flow/parallel'),
    control('@control/flow/loop', ['while', 'outputs']),
    control('@control/flow/break'),
    control('@control/flow/continue'),
    control('@control/flow/try'),
    control('@control/wait'),
    control('@control/callback'),
    control('@control/approval', ['schema']),
    control('@subflow/call/workflow'),
    control('@subflow/call/dataflow'),
    control('@internal/return'),
    control('@internal/assign', ['target']),
    action('@test/pure', 'pure'),
    action('@test/read', 'read'),
    action('@test/write', 'write'),
  ];
}

export function planOf(steps: readonly Step[], rest: Omit<PlanSource, 'steps'> = {}): Plan {
  return compilePlan(
    { steps: [{ id: '0', operator: '@trigger/manual' }, ...steps], ...rest },
    new OperatorCatalogue(testOperators()),
  );
}

type Call = Command & { kind: 'invoke' };
type Child = Command & { kind: 'startChild' };

/** Drives a run by hand: a test says what each call comes to, and when. */
export class RunDriver {
  readonly run: RunState;
  readonly events: RunEvent[] = [];
  /** Calls that have begun and not ended, by path. */
  readonly calls = new Map<string, Call>();
  readonly wakes = new Map<string, number>();
  readonly aborted: string[] = [];
  /** Children asked for, and those told to cancel, as `path#index`. */
  readonly children = new Map<string, Child>();
  readonly cancelledChildren: string[] = [];
  /** What has to be worked out from large values, by its key. */
  readonly evaluations = new Map<string, Evaluation>();
  forceAt: number | undefined;
  /** Paths in the order in which their calls began. */
  readonly began: string[] = [];
  now = 1_000;

  constructor(
    readonly plan: Plan,
    input: JsonObject = {},
    more: Pick<RunStart, 'debug' | 'adopted'> & { readonly queued?: true } = {},
  ) {
    const start = { instanceId: 'I', dagId: 'D', at: this.now, input, trigger: input, ...more };
    this.run = newRun(plan, start);
    this.feed({ type: 'started', ...start });
  }

  feed(event: RunEvent): void {
    this.events.push(event);
    for (const command of advance(this.plan, this.run, event)) this.note(command);
  }

  succeed(path: string, output?: Json): void {
    const { task } = this.take(path);
    this.feed({
      type: 'succeeded',
      path,
      attempt: task.attempt,
      at: (this.now += 10),
      output: output ?? task.parameters ?? null,
    });
  }

  fail(path: string, error: { code?: string; retryable?: boolean; retryAfterMs?: number } = {}, chance = 0): void {
    const { task } = this.take(path);
    const full = { code: 'test.failed', message: 'It failed.', retryable: false, ...error };
    this.feed({ type: 'failed', path, attempt: task.attempt, at: (this.now += 10), error: full, chance });
  }

  /** The aborted call did not end by itself. */
  abandon(path: string): void {
    this.take(path);
    this.feed({ type: 'abandoned', path, at: (this.now += 10) });
  }

  wake(path: string): void {
    this.now = this.wakes.get(path) ?? this.now;
    this.wakes.delete(path);
    this.feed({ type: 'woken', path, at: this.now });
  }

  answer(path: string, body: Json = null, attempt = 1): void {
    this.feed({ type: 'answered', path, attempt, body, at: (this.now += 10) });
  }

  decide(path: string, by: string, decision: 'approved' | 'rejected' = 'approved', data: Json = null): void {
    this.feed({ type: 'decided', path, attempt: 1, by, decision, data, at: (this.now += 10) });
  }

  childStarted(path: string, index = 0): void {
    const { task } = this.takeChild(path, index);
    this.feed({ type: 'childStarted', path, attempt: task.attempt, index, child: `C${index}`, at: (this.now += 10) });
  }

  childEnded(
    path: string,
    status: 'succeeded' | 'failed' | 'cancelled' = 'succeeded',
    result: Json = null,
    index = 0,
  ): void {
    const attempt = this.run.tasks.get(path)?.attempt ?? 1;
    const failure =
      status === 'succeeded' ? null : { code: 'child.broke', message: 'It broke.', stepId: 'x', path: 'x', attempt: 1 };
    this.feed({ type: 'childEnded', path, attempt, index, status, result, failure, at: (this.now += 10) });
  }

  pause(): void {
    this.feed({ type: 'paused', by: 'ann', at: (this.now += 10) });
  }

  resume(): void {
    this.feed({ type: 'resumed', by: 'ann', at: (this.now += 10) });
  }

  cancel(compensate = false): void {
    this.feed({ type: 'cancelled', by: 'ann', reason: null, compensate, at: (this.now += 10) });
  }

  /** Lets every call succeed with its own parameters until nothing is under way. */
  finish(): void {
    for (let path = this.calls.keys().next(); !path.done; path = this.calls.keys().next()) this.succeed(path.value);
  }

  phase(path: string): string | undefined {
    return this.run.tasks.get(path)?.phase;
  }

  /** What was asked of large values came to this. */
  evaluated(key: string, come: { readonly values: readonly Json[] } | { readonly error: TaskError }): void {
    const of = this.evaluations.get(key);
    if (!of)
      throw new Error(`Nothing is worked out as "${key}"; there are: ${[...this.evaluations.keys()].join(', ')}.`);
    this.evaluations.delete(key);
    this.feed({ type: 'evaluated', of, at: (this.now += 10), ...come });
  }

  private note(command: Command): void {
    switch (command.kind) {
      case 'invoke':
        this.calls.set(command.task.path, command);
        this.began.push(command.task.path);
        break;
      case 'wake':
        this.wakes.set(command.path, command.at);
        break;
      case 'abort':
        this.aborted.push(command.path);
        break;
      case 'evaluate':
        this.evaluations.set(keyOfEvaluation(command.of), command.of);
        break;
      case 'startChild':
        this.children.set(`${command.task.path}#${command.index}`, command);
        break;
      case 'cancelChild':
        this.cancelledChildren.push(`${command.path}#${command.index}`);
        break;
      case 'force':
        this.forceAt = command.at;
        break;
    }
  }

  private take(path: string): Call {
    const call = this.calls.get(path);
    if (!call) throw new Error(`No call is under way at ${path}; there are: ${[...this.calls.keys()].join(', ')}.`);
    this.calls.delete(path);
    return call;
  }

  private takeChild(path: string, index: number): Child {
    const child = this.children.get(`${path}#${index}`);
    if (!child) throw new Error(`No child is asked for at ${path}#${index}.`);
    this.children.delete(`${path}#${index}`);
    return child;
  }
}
