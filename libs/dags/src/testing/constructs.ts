import type { Branch, Step } from '@flow/operators';

/** Constructs as short as tests want to write them; bodies first, everything else in `fields`. */
export const loop = (id: string, steps: readonly Step[], parameters: Step['parameters'] = { limit: 3 }, fields: Partial<Step> = {}): Step => ({ id, operator: '@control/flow/loop', parameters, steps, ...fields }); // prettier-ignore

export const attempt = (
  id: string,
  steps: readonly Step[],
  fields: Pick<Step, 'catch' | 'finally' | 'onError' | 'undo'> = {},
): Step => ({ id, operator: '@control/flow/try', steps, ...fields });

export const parallel = (id: string, bodies: readonly (readonly Step[])[], fields: Partial<Step> = {}): Step => ({
  id,
  operator: '@control/flow/parallel',
  branches: bodies.map((steps, i): Branch => ({ id: `${id}${i}`, steps })),
  ...fields,
});

/** A step of the engine that has no bodies. */
export const control = (id: string, name: string, parameters: Step['parameters'] = {}): Step => ({
  id,
  operator: `@control/${name}`,
  parameters,
});

export const assign = (id: string, target: string, fields: Partial<Step> = {}): Step => ({
  id,
  operator: '@internal/assign',
  parameters: { target, value: 1 },
  ...fields,
});
