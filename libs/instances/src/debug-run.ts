import type { Caller } from '@flow/auth';
import { childPath, type Plan, type RunState } from '@flow/engine';
import { durationMs, pointerTo, type Fault, type JsonObject } from '@flow/kernel';
import type { DebugRun, DebugView, Instance } from './instance';

/** The version of a definition that a debugger gave: it is no version of any DAG. */
export const DRAFT_VERSION = 'draft';
const LONGEST_LIFE = 'P1D';
const LONGEST_LIFE_MS = durationMs(LONGEST_LIFE) ?? 0;
const MOST_HELD = 100;

/** A debug run is its caller's alone. */
export function isHiddenFrom({ principal }: Caller, { debug, createdBy }: Instance): boolean {
  return debug !== undefined && createdBy !== principal;
}

/** Where a debug run stands: what a pause holds back, attempts that are due first. */
export function debugView(debug: DebugRun, plan: Plan, run: RunState): DebugView {
  const held: { readonly stepId: string; readonly path: string }[] = [];
  if (run.paused)
    for (const path of run.inFlight) {
      const task = run.tasks.get(path);
      if (task?.due && task.phase === 'retrying') held.push({ stepId: plan.steps[task.step]?.id ?? '', path });
    }
  for (const { body, position } of run.held) {
    const step = body.plan.steps[position];
    if (step && held.length < MOST_HELD) held.push({ stepId: step.id, path: childPath(body.path, step.id) });
  }
  const at = run.paused?.at;
  return { ...debug, pausedAt: at !== undefined && held.some(({ path }) => path === at) ? at : null, held };
}

/** What stands fast about it, without where it stands. */
export function debugRunOf({ pausedAt: _pausedAt, held: _held, ...debug }: DebugView): DebugRun {
  return debug;
}

/** A sub-flow of a debug run is one itself: as hidden and as short-lived, and nothing stops it. */
export function debugRunOfChild({ expiresAt }: DebugRun): DebugRun {
  return { expiresAt, breakpoints: [], pins: [], dryRun: false };
}

/** What is wrong with breakpoints and pins for this plan; pointers into the request. */
export function faultsOfStops(plan: Plan, breakpoints: readonly string[], pins: JsonObject): Fault[] {
  const faults: Fault[] = [];
  breakpoints.forEach((id, i) => {
    if (!plan.byId.has(id))
      faults.push({
        pointer: `/breakpoints/${i}`,
        code: 'debug.unknown_step',
        message: `There is no step "${id}" to stop before.`,
      });
  });
  for (const id of Object.keys(pins)) {
    const pointer = pointerTo('/pins', id);
    const kind = plan.byId.get(id)?.kind;
    if (kind === undefined)
      faults.push({ pointer, code: 'debug.unknown_step', message: `There is no step "${id}" to pin.` });
    else if (kind === 'trigger')
      faults.push({
        pointer,
        code: 'debug.not_pinnable',
        message: `The trigger "${id}" takes its output from "data"; it cannot be pinned.`,
      });
    else if (kind === 'return' || kind === 'assign' || kind === 'break' || kind === 'continue')
      faults.push({
        pointer,
        code: 'debug.not_pinnable',
        message: `The step "${id}" (${kind}) moves the run and has no output to give; it cannot be pinned.`,
      });
  }
  return faults;
}

/** Milliseconds, or what is wrong with the text. */
export function lifeMsOf(expiresIn: string): number | Fault {
  const ms = durationMs(expiresIn);
  if (ms !== undefined && ms > 0 && ms <= LONGEST_LIFE_MS) return ms;
  const message = `"expiresIn" is an ISO 8601 duration (PT30M), longer than nothing and at most ${LONGEST_LIFE}.`;
  return { pointer: '/expiresIn', code: 'field.invalid', message };
}
