import { durationMs, type Fault, type Json } from '@flow/kernel';

/** The longest that a step waits. */
const LONGEST_MS = 366 * 86_400_000;

/** What is wrong with a duration that is written down; one that holds a template is known only in a run. */
export function durationFaults(
  name: string,
  value: Json | undefined,
  { allowsNothing = false }: { readonly allowsNothing?: boolean } = {},
): readonly Fault[] {
  if (typeof value !== 'string' || value.includes('{{')) return [];
  const ms = durationMs(value);
  const rule =
    ms === undefined
      ? 'must be an ISO 8601 duration in days, hours, minutes and seconds, for example PT30S or P1DT12H'
      : ms > LONGEST_MS
        ? 'must be P366D at most'
        : ms === 0 && !allowsNothing
          ? 'must be longer than nothing'
          : undefined;
  return rule === undefined
    ? []
    : [{ pointer: `/${name}`, code: 'step.parameters_invalid', message: `"${name}" ${rule}.` }];
}
