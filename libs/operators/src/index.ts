export { OperatorCatalogue, OperatorNotAvailable, OperatorSource } from './catalogue';
export { compiledSchema, givenSchemaFaults, givenSchemaProblem, type SchemaCheck } from './given-schema';
export { COMPARISONS, type Compare } from './comparison';
export { secretPointers } from './secret-pointers';
export { HOLDS_TEMPLATE, IS_TEMPLATE, templateSchema } from './template-schema';
export { bodiesOf, walkSteps, type Body, type Branch, type Condition, type Step, type StepSettings } from './step';
export { isFileValue, type FileValue } from './file-value';
export { done, failed, failedForNow, type Outcome, type TaskError } from './outcome';
export type {
  ActionOperator,
  Capability,
  ControlOperator,
  Effect,
  JsonSchema,
  LargeStore,
  Operator,
  OperatorContext,
  OperatorLog,
  OperatorSpec,
  Starter,
  TriggerOperator,
} from './operator';
