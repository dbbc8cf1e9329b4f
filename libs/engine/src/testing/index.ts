import type { Json, JsonObject } from '@flow/kernel';
import {
  advance,
  compilePlan,
  newRun,
  type Command,
  type Plan,
  type PlanSource,
  type RunEvent,
  type RunState,
} from '@flow/engine';
import { OperatorCatalogue, done, type ActionOperator, type Effect, type Operator, type Step } from '@flow/operators';

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

/** Drives a run by hand: a test says what each call comes to, and when. */
export class RunDriver {
  readonly run: RunState;
  readonly events: RunEvent[] = [];
  /** Calls that have begun and not ended, by path. */
  readonly calls = new Map<string, Command & { kind: 'invoke' }>();
  readonly wakes = new Map<string, number>();
  readonly aborted: string[] = [];
  /** Paths in the order in which their calls began. */
  readonly began: string[] = [];
  now = 1_000;

  constructor(
    readonly plan: Plan,
    input: JsonObject = {},
  ) {
    const start = { instanceId: 'I', dagId: 'D', at: this.now, input, trigger: input };
    this.run = newRun(plan, start);
    this.feed({ type: 'started', ...start });
  }

  feed(event: RunEvent): void {
    this.events.push(event);
    for (const command of advance(this.plan, this.run, event)) {
      if (command.kind === 'invoke') {
        this.calls.set(command.task.path, command);
        this.began.push(command.task.path);
      } else if (command.kind === 'wake') this.wakes.set(command.path, command.at);
      else this.aborted.push(command.path);
    }
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

  wake(path: string): void {
    this.now = this.wakes.get(path) ?? this.now;
    this.wakes.delete(path);
    this.feed({ type: 'woken', path, at: this.now });
  }

  /** Lets every call succeed with its own parameters until nothing is under way. */
  finish(): void {
    for (let path = this.calls.keys().next(); !path.done; path = this.calls.keys().next()) this.succeed(path.value);
  }

  phase(path: string): string | undefined {
    return this.run.tasks.get(path)?.phase;
  }

  private take(path: string): Command & { kind: 'invoke' } {
    const call = this.calls.get(path);
    if (!call) throw new Error(`No call is under way at ${path}; there are: ${[...this.calls.keys()].join(', ')}.`);
    this.calls.delete(path);
    return call;
  }
}
