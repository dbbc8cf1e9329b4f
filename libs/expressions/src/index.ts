export type { Compiled, CompiledTemplate, Reference, Scope, TemplatePart } from './compiled';
export { ExpressionFailed, ExpressionInvalid, ExpressionTooCostly } from './expression.errors';
export { compileExpression } from './expression';
export { compileTemplate } from './template';
export { compileValue, expressionFaults } from './value';
export { Pattern, type PatternMatch } from './pattern';
export { formatTime, offsetOf, timeOf } from './time';
export { numberOf } from './number-functions';
export { numberText } from './text';
