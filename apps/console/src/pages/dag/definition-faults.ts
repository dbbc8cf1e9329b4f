import type { Diagnostic } from '@codemirror/lint';
import type { ReadText } from '../../parts/code-editor/definition-text';

interface Fault {
  readonly pointer?: string;
  readonly code?: string;
  readonly message?: string;
}

export interface Validation {
  readonly errors?: readonly Fault[];
  readonly warnings?: readonly Fault[];
}

/** What was found wrong with a definition, each at its place in the text. */
export function diagnosticsOf(read: ReadText, { errors = [], warnings = [] }: Validation): readonly Diagnostic[] {
  const at = (severity: 'error' | 'warning') => (fault: Fault) => ({
    ...read.placeOf(fault.pointer ?? ''),
    severity,
    message: fault.message ?? fault.code ?? '',
    source: fault.pointer,
  });
  return [...errors.map(at('error')), ...warnings.map(at('warning'))];
}
