import { AppError, RequestInvalid, type DagId, type Fault } from '@flow/kernel';

/** Callers that a refused deletion names. */
const CALLERS_SHOWN = 10;

export class DagNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'dag.not_found';
  constructor(id: DagId) {
    super(`No DAG has the id ${id}.`, { id });
  }
}

export class DagTitleTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'dag.title_taken';
  override readonly faults: readonly Fault[];
  constructor(title: string) {
    super(`Another DAG of this business domain is called "${title}".`, { title });
    this.faults = [{ pointer: '/title', code: this.code, message: this.message }];
  }
}

/** If-Match names a state that the DAG has left. */
export class DagStale extends AppError {
  readonly kind = 'stale';
  readonly code = 'dag.stale';
  constructor(id: DagId) {
    super(`The DAG ${id} was changed meanwhile; read it again and repeat the change.`, { id });
  }
}

export class DagHasLiveInstances extends AppError {
  readonly kind = 'conflict';
  readonly code = 'dag.has_live_instances';
  constructor(id: DagId, count: number) {
    super(
      `${count} instance${count === 1 ? '' : 's'} of the DAG ${id} ${count === 1 ? 'has' : 'have'} not ended; delete with cancel=true to cancel ${count === 1 ? 'it' : 'them'}.`,
      { id, count },
    );
  }
}

/** Runs of other DAGs would fail without it. */
export class DagInUse extends AppError {
  readonly kind = 'conflict';
  readonly code = 'dag.in_use';
  /** `callers` are named as far as whoever asks may see them. */
  constructor(id: DagId, total: number, callers: readonly { readonly id: DagId; readonly title: string }[]) {
    const shown = callers.slice(0, CALLERS_SHOWN);
    const named = shown.map((caller) => `"${caller.title}" (${caller.id})`).join(', ');
    const more = shown.length > 0 && total > shown.length ? ` and ${total - shown.length} more` : '';
    const [call, them] = total === 1 ? ['DAG calls', 'it'] : ['DAGs call', 'them'];
    super(
      `${total} ${call} the DAG ${id} as a sub-flow${named && `: ${named}${more}`}. Change ${them} first, or delete it all the same with force=true.`,
      { id, total, dags: shown.map((caller) => caller.id) },
    );
  }
}

/** The definition breaks rules; carries every fault. */
export class DagInvalid extends RequestInvalid {
  override readonly code = 'dag.invalid';
}

export class VersionNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'version.not_found';
  constructor(id: DagId, version: string) {
    super(`The DAG ${id} has no version ${version}.`, { id, version });
  }
}

/** Somebody else published this version first. */
export class VersionTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'version.taken';
  constructor(id: DagId, version: string) {
    super(`Version ${version} of the DAG ${id} was published by another request; read it and repeat the change.`, {
      id,
      version,
    });
  }
}

/** A given version must be higher than the one that stands. */
export class VersionNotRising extends RequestInvalid {
  override readonly code = 'version.not_rising';
  constructor(given: string, current: string) {
    const message = `The version ${given} must be higher than the current one, ${current}.`;
    super([{ pointer: '/version', code: 'version.not_rising', message }]);
  }
}
