import type { Json } from '@flow/kernel';
import { done } from '@flow/operators';
import { closed, defineAction } from '../define';

/** Declared a write although it changes nothing: that is what makes the engine commit what came before, and this step on its own. */
export const operator = defineAction<{ readonly value?: Json }>({
  id: '@internal/checkpoint',
  title: 'Checkpoint',
  help: 'Makes everything before it durable before anything after it begins, and hands its value on.',
  parameters: closed({ value: { description: 'Any value' } }),
  output: closed({ value: {} }, ['value']),
  effect: 'write',
  idempotent: true,
  timeoutMs: 10_000,
  capabilities: [],
  example: { parameters: { value: { upTo: 42 } }, output: { value: { upTo: 42 } } },
  run: ({ value }) => done({ value: value ?? null }),
});
