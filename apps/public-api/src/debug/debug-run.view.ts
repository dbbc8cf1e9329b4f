import type { JsonSchema } from '@flow/http';
import type { DebugView } from '@flow/instances';

const text = { type: 'string' } as const;

export const debugRunView: JsonSchema = {
  type: 'object',
  description: "Of a debug run, which is its caller's alone.",
  properties: {
    expiresAt: { type: 'string', format: 'date-time', description: 'Then it is cancelled, and goes away.' },
    breakpoints: { type: 'array', items: text },
    pins: { type: 'array', items: text, description: 'Ids of the steps whose outputs were given.' },
    dryRun: { type: 'boolean' },
    pausedAt: {
      type: ['string', 'null'],
      description: 'The path of the step whose breakpoint stopped it and which has not begun since.',
    },
    held: {
      type: 'array',
      description: 'What the next steps begin, in their order; 100 at most.',
      items: { type: 'object', properties: { stepId: text, path: text } },
    },
  },
};

/** Without the definition: its author has it. */
export function toDebugRunView({ definition: _definition, ...view }: DebugView): Omit<DebugView, 'definition'> {
  return view;
}
