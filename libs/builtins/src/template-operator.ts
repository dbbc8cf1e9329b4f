import type { Fault, Json } from '@flow/kernel';
import { failed, type Outcome } from '@flow/operators';
import { FUNCTION_NAMES } from './go-template/functions';
import { parse } from './go-template/parser';
import { renderTemplate } from './go-template/render';
import { TemplateFault } from './go-template/template.errors';

export const templateSchema = {
  type: 'string',
  maxLength: 262_144,
  description: `In the manner of Go's text/template: {{ .name }}, {{ if }}, {{ range }}, {{ with }}, pipes and ${FUNCTION_NAMES.join(', ')}. Reaches the data only`,
};

/** The fault of a template that cannot be read; for an operator's `check`. */
export function templateFaults(template: Json | undefined, pointer: string): readonly Fault[] {
  if (typeof template !== 'string') return [];
  try {
    parse(template);
    return [];
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    return [{ pointer, code: 'template.invalid', message: error.message }];
  }
}

/** The rendered text, or why there is none: `template.invalid`, `template.failed`, `template.too_costly`. */
export function rendered(template: string, data: Json): { readonly text: string } | { readonly outcome: Outcome } {
  try {
    return { text: renderTemplate(template, data) };
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    return { outcome: failed(`template.${error.kind}`, error.message) };
  }
}
