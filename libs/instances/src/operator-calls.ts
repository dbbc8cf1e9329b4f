import {
  AppError,
  largeValuesIn,
  type Clock,
  type DomainId,
  type InstanceId,
  type Json,
  type JsonObject,
  type Random,
} from '@flow/kernel';
import type { Reference } from '@flow/expressions';
import { persistently, type BlobPlace } from '@flow/platform';
import { withSecrets, type PlanStep, type TaskState } from '@flow/engine';
import {
  failed,
  failedForNow,
  type ActionOperator,
  type LargeStore,
  type OperatorCatalogue,
  type OperatorContext,
  type OperatorLog,
  type Outcome,
  type TaskError,
} from '@flow/operators';
import type { SecretReader } from '@flow/secrets';
import { Masker } from '@flow/secrets';
import { below, type LargeValues, type ReadPath } from './large-values';
import type { Creation } from './creation';
import type { Heartbeat } from './heartbeat';
import { taskKeyOf, traceBelow } from './tracing';

/** What a call belongs to. */
export interface CallSite {
  readonly instance: InstanceId;
  readonly creation: Creation;
  readonly startedAt: number;
  readonly task: TaskState;
  readonly step: PlanStep & { readonly kind: 'action' };
  /** What the expressions of the definition read. */
  readonly reads: readonly Reference[];
  /** Large values may stand in the parameters. */
  readonly holdsLarge: boolean;
}

/** How a call is told to stop; its AbortSignal is made when the operator asks for it. */
export class CallHandle {
  private controller: AbortController | undefined;
  /** Why it was aborted; undefined while it was not. */
  reason: Error | undefined;

  constructor(private readonly pulse?: Pick<Heartbeat, 'isFresh' | 'untilFresh'>) {}

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.reason) this.controller.abort(this.reason);
    return this.controller.signal;
  }

  abort(reason: Error): void {
    this.reason ??= reason;
    this.controller?.abort(this.reason);
  }

  /** To be asked when something was waited for: meanwhile others may have come to hold this worker dead. @throws why it was aborted */
  async mayGoOn(): Promise<void> {
    if (this.pulse && !this.pulse.isFresh) await this.pulse.untilFresh();
    if (this.reason) throw this.reason;
  }
}

/** Takes the lines that operators log. */
export abstract class TaskLogSink {
  abstract write(
    site: CallSite,
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    fields: JsonObject | undefined,
  ): void;
}

const NEVER = new AbortController();
const LONGEST_MESSAGE = 4_000;
const TIMED_OUT = new Error('The attempt took too long.');
/** An operator that ignores its abort for this long is given up. */
export const GIVE_UP_AFTER_MS = 10_000;

/** Where the answers to calls are waited for. */
export abstract class CallbackAddresses {
  /** The same for the same attempt of the same task. */
  abstract addressOf(
    domain: DomainId,
    instance: InstanceId,
    path: string,
    attempt: number,
  ): { readonly url: string; readonly token: string };
}

/** Calls operators: fills in secrets, checks parameters, bounds time and size, masks what comes back. Always gives an outcome, never throws. */
export class OperatorCalls {
  constructor(
    private readonly catalogue: OperatorCatalogue,
    private readonly secrets: SecretReader,
    private readonly callbacks: CallbackAddresses,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly logs: TaskLogSink,
    private readonly large: LargeValues,
    private readonly onBug: (error: unknown, site: CallSite) => void,
  ) {}

  /** Calls a pure operator in this very turn when it answers at once. */
  callPure(site: CallSite): Outcome | Promise<Outcome> {
    if (site.holdsLarge && takesLoading(site)) return this.bounded(site, this.callLoaded(site));
    const parameters = site.task.parameters ?? {};
    const fault = site.step.parameters.constant ? undefined : this.parameterFault(site.step.operator, parameters);
    if (fault) return fault;
    try {
      const outcome = site.step.operator.run(this.context(site, parameters, NEVER, [], this.logFor(site)));
      if (outcome instanceof Promise) return this.bounded(site, outcome);
      return this.isFit(outcome) ? outcome : this.bounded(site, Promise.resolve(outcome));
    } catch (error) {
      return this.crashed(error, site);
    }
  }

  /** Calls a pure operator once what is large in its parameters has been read. */
  private async callLoaded(site: CallSite): Promise<Outcome> {
    const parameters = await this.loaded(site, site.task.parameters ?? {});
    const fault = this.parameterFault(site.step.operator, parameters);
    return fault ?? site.step.operator.run(this.context(site, parameters, NEVER, [], this.logFor(site)));
  }

  /**
   * Calls an operator with its time bound; `abort` on the handle ends it early. An operator that ignores the end of its time is
   * given up a little later: what it still gives is refused.
   */
  call(site: CallSite, handle: CallHandle): Promise<Outcome> {
    const timeoutMs = this.timeoutOf(site);
    const timeout = () => failedForNow('task.timeout', `The attempt did not end within ${timeoutMs} ms.`);
    return new Promise((resolve) => {
      let cancelTimer = this.clock.after(timeoutMs, () => {
        handle.abort(TIMED_OUT);
        cancelTimer = this.clock.after(GIVE_UP_AFTER_MS, () => resolve(timeout()));
      });
      const end = (outcome: Outcome) => {
        cancelTimer();
        resolve(outcome.kind === 'failed' && handle.reason === TIMED_OUT ? timeout() : outcome);
      };
      this.callWithSecrets(site, handle).then(end, (error: unknown) => {
        end(handle.reason ? failed('task.aborted', 'The task was aborted.') : this.crashed(error, site));
      });
    });
  }

  /** Milliseconds that this attempt has: its own bound, and what is left of the bound of all. */
  timeoutOf({ step: { policy }, task }: CallSite): number {
    const left =
      policy.totalTimeoutMs === undefined
        ? Infinity
        : task.startedAt + policy.totalTimeoutMs - this.clock.now().getTime();
    return Math.max(1, Math.min(policy.attemptTimeoutMs, left));
  }

  /** What a call needs is waited for: nothing has been done yet that could be lost. */
  private async callWithSecrets(site: CallSite, handle: CallHandle): Promise<Outcome> {
    const { task, step } = site;
    const patiently = <T>(read: () => Promise<T>) => persistently(this.clock, read, () => handle.reason !== undefined);
    if (!task.secrets?.length) {
      const parameters = await patiently(() => this.loaded(site, task.parameters ?? {}));
      const fault = this.parameterFault(step.operator, parameters);
      if (fault) return fault;
      await handle.mayGoOn();
      const outcome = await step.operator.run(this.context(site, parameters, handle, [], this.logFor(site)));
      return this.checked(site, outcome, handle);
    }
    const rendered = { parameters: task.parameters ?? {}, secrets: task.secrets };
    const names = new Set(
      rendered.secrets.flatMap(({ parts }) =>
        parts.flatMap((part) => (typeof part !== 'string' && 'secret' in part ? [part.secret] : [])),
      ),
    );
    const revealed = await patiently(() => this.secrets.reveal(site.creation.domain, [...names]));
    const missing = [...names].find((name) => !revealed.has(name));
    if (missing !== undefined)
      return failed('secret.not_found', `There is no secret ${missing} in this business domain.`);
    const masker = new Masker([...revealed.values()].map(({ value }) => value));
    const shown = withSecrets(rendered, (part) => {
      if ('secret' in part) return revealed.get(part.secret)?.value ?? '';
      // Parameters are rendered once; the answer to this very call is for the attempt that makes it.
      const attempt = part.path === task.path ? task.attempt : part.attempt;
      const address = this.callbacks.addressOf(site.creation.domain, site.instance, part.path, attempt);
      masker.add(address.token);
      return address.url;
    });
    const parameters = await patiently(() => this.loaded(site, shown));
    const fault = this.parameterFault(step.operator, parameters);
    if (fault) return mask(masker, fault);
    await handle.mayGoOn();
    const inUse = [...revealed].map(([name, { hosts }]) => ({ name, hosts }));
    const context = this.context(site, parameters, handle, inUse, this.logFor(site, masker), masker);
    try {
      return await this.checked(site, mask(masker, await step.operator.run(context)), handle);
    } catch (error) {
      if (handle.reason) throw error;
      return mask(masker, this.crashed(withoutSecrets(masker, error), site));
    }
  }

  private async bounded(site: CallSite, outcome: Promise<Outcome>): Promise<Outcome> {
    try {
      return await this.checked(site, await outcome, NEVER);
    } catch (error) {
      return this.crashed(error, site);
    }
  }

  private isFit(outcome: Outcome): boolean {
    return outcome.kind === 'deferred' || (outcome.kind === 'done' && this.large.fits(outcome.output));
  }

  /** What is too large to be held is in the blob store, for good, before anybody hears of the outcome. */
  private async checked(site: CallSite, outcome: Outcome, handle: Pick<CallHandle, 'signal'>): Promise<Outcome> {
    if (outcome.kind === 'failed') return this.failure(outcome.error);
    if (outcome.kind === 'deferred' || this.isFit(outcome)) return outcome;
    try {
      const fit = () => this.large.fit(placeOf(site), outcome.output, readsOf(site));
      return { kind: 'done', output: await persistently(this.clock, fit, () => handle.signal.aborted) };
    } catch (error) {
      if (error instanceof AppError) throw error;
      this.onBug(error, site);
      return failedForNow('blob.unavailable', 'The output is large and could not be stored.');
    }
  }

  /** Parameters in which every large value was read that the operator does not take as it is. */
  private async loaded(site: CallSite, parameters: JsonObject): Promise<JsonObject> {
    if (!site.holdsLarge) return parameters;
    const { takesLarge = [] } = site.step.operator;
    const taken = Object.entries(parameters).filter(([key]) => takesLarge.includes(key));
    const others = Object.fromEntries(Object.entries(parameters).filter(([key]) => !takesLarge.includes(key)));
    if (!holdsLarge(others)) return parameters;
    return { ...((await this.large.load(placeOf(site), others)) as JsonObject), ...Object.fromEntries(taken) };
  }

  /** What came back with a failure is bounded like an output; where it is too large the failure stays and says so. */
  private failure({ output, ...error }: TaskError): Outcome {
    const fits = output === undefined || (this.large.fits(output) && !holdsLarge(output));
    const note = fits ? '' : ` What came back is larger than ${this.large.limits.inlineBytes} bytes and is not kept.`;
    const message =
      error.message.length > LONGEST_MESSAGE ? `${error.message.slice(0, LONGEST_MESSAGE)}...` : error.message;
    return {
      kind: 'failed',
      error: { ...error, message: message + note, ...(fits && output !== undefined && { output }) },
    };
  }

  private parameterFault(operator: ActionOperator, parameters: JsonObject): Outcome | undefined {
    const faults = this.catalogue.faultsOf(operator, parameters, { templates: false });
    const first = faults[0];
    return (
      first &&
      failed('step.parameters_invalid', faults.map(({ pointer, message }) => `${pointer || '/'}: ${message}`).join(' '))
    );
  }

  private crashed(error: unknown, site: CallSite): Outcome {
    if (error instanceof AppError)
      return (error.kind === 'unavailable' ? failedForNow : failed)(error.code, error.message);
    this.onBug(error, site);
    return failed(
      'operator.crashed',
      `The operator ${site.step.operator.id} broke: ${error instanceof Error ? error.message : String(error)}`,
    );
  }

  private context(
    site: CallSite,
    parameters: JsonObject,
    handle: Pick<CallHandle, 'signal'>,
    secretsInUse: OperatorContext['secretsInUse'],
    log: OperatorLog,
    masker?: Masker,
  ): OperatorContext {
    const { instance, creation, startedAt, task } = site;
    const { clock, random, large } = this;
    const patiently = <T>(keep: () => Promise<T>) => persistently(clock, keep, () => handle.signal.aborted);
    const { path, attempt, attemptStartedAt } = task;
    const key = taskKeyOf(instance, path);
    return {
      parameters,
      // Few operators look at these: they are made when they are asked for.
      get signal() {
        return handle.signal;
      },
      idempotencyKey: key,
      // Hashed when it is asked for.
      get traceparent() {
        return creation.traceparent === undefined ? undefined : traceBelow(creation.traceparent, key);
      },
      instance: {
        id: instance,
        dagId: creation.dagId,
        domain: creation.domain,
        get startedAt() {
          return new Date(startedAt).toISOString();
        },
      },
      task: {
        path,
        attempt,
        get startedAt() {
          return new Date(attemptStartedAt).toISOString();
        },
      },
      clock,
      random,
      log,
      secretsInUse,
      get large() {
        return storeFor(large, site, () => masker?.hidden ?? [], patiently);
      },
      conceal: (text) => masker?.add(text),
    };
  }

  private logFor(site: CallSite, masker?: Masker): OperatorLog {
    const write = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string, fields?: JsonObject) => {
      const clean = fields && masker ? (masker.json(fields) as JsonObject) : fields;
      this.logs.write(site, level, masker ? masker.text(message) : message, clean);
    };
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }
}

function placeOf({ instance, creation }: CallSite): BlobPlace {
  return { domain: creation.domain, owner: instance };
}

/** The paths by which the definition reads the output of a step. */
function readsOf({ reads, step }: CallSite): readonly ReadPath[] {
  const name = `__${step.id}`;
  return reads.flatMap((read) => {
    if (read.name === name) return [read.path];
    return read.name === 'completed' && read.path[0] === 'output' ? [read.path.slice(1)] : [];
  });
}

function holdsLarge(value: Json): boolean {
  return largeValuesIn(value).next().done !== true;
}

function takesLoading({ task, step }: CallSite): boolean {
  const { takesLarge = [] } = step.operator;
  return Object.entries(task.parameters ?? {}).some(([key, value]) => !takesLarge.includes(key) && holdsLarge(value));
}

/** What an operator sees of the blob store: the place of its own instance. */
function storeFor(
  large: LargeValues,
  site: CallSite,
  hidden: () => readonly string[],
  patiently: <T>(keep: () => Promise<T>) => Promise<T>,
): LargeStore {
  const place = placeOf(site);
  return {
    inlineBytes: large.limits.inlineBytes,
    limitBytes: large.limits.valueBytes,
    keep: (open, { form, at }) =>
      patiently(() => large.keep(place, open, { form, reads: below(readsOf(site), at), hidden: hidden() })),
    json: (value) => large.json(place, value),
    text: (value) => large.text(place, value),
  };
}

/** What an operator threw, fit for the log: its words may quote what it was given. */
function withoutSecrets(masker: Masker, error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const told = new Error(masker.text(error.message));
  told.name = error.name;
  if (error.stack !== undefined) told.stack = masker.text(error.stack);
  return told;
}

function mask(masker: Masker, outcome: Outcome): Outcome {
  if (outcome.kind === 'deferred') return outcome;
  if (outcome.kind === 'done') return { kind: 'done', output: masker.json(outcome.output) };
  const { error } = outcome;
  return {
    kind: 'failed',
    error: {
      ...error,
      message: masker.text(error.message),
      ...(error.output !== undefined && { output: masker.json(error.output) }),
    },
  };
}
